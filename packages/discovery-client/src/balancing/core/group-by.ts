/** `Map.groupBy`, which the language has since ES2024. */
export function groupBy<K, T>(list: readonly T[], keyOf: (entry: T, index: number) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  list.forEach((entry, index) => {
    const key = keyOf(entry, index)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  })
  return groups
}
