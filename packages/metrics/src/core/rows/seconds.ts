/** Prometheus wants base units; the library counts in milliseconds. */
export function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
