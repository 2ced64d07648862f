// Numbers as the summary says them.

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
}

export function seconds(valueMs: number): string {
  return valueMs === Infinity ? 'long' : `${(valueMs / 1000).toFixed(1)} s`
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`
}

/** Of a share. */
export function percent(share: number): string {
  return `${String(share * 100)} %`
}
