/** The notation of address ranges, `10.0.0.0/8`. Whether the address is one, the platform says. */

export interface Cidr {
  readonly address: string
  /** How many leading bits count. */
  readonly bits: number
}

/** A range, or one address: then `bits` is undefined. Undefined for what is neither. */
export function parseCidr(
  text: string,
): { readonly address: string; readonly bits: number | undefined } | undefined {
  const slash = text.indexOf('/')
  if (slash === -1) return { address: text, bits: undefined }
  const digits = text.slice(slash + 1)
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits)) return undefined
  return { address: text.slice(0, slash), bits: Number(digits) }
}
