/** Answers that end with their headers, whatever these say of a length (RFC 9112 §6.3): theirs is that of another answer, if any. */
const BODILESS: readonly number[] = [204, 304]

/** What undici calls the difference between the length that was said and the bytes that came. */
const LENGTH_DIFFERS = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'

/**
 * Whether an answer of `status` is complete although the transport failed it with `error`. undici up to 8.0 counts the bytes of a body
 * that cannot be, and drops the connection; later ones do not.
 */
export function isWholeAnyway(status: number, error: Error): boolean {
  return BODILESS.includes(status) && (error as { code?: unknown }).code === LENGTH_DIFFERS
}
