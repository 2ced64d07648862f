// What the registry's list said over time about the instances of the demo. A picture is kept when it differs from the
// one before.

import type { InstanceStatus } from '@breakwater/discovery-client'

/** What the list said from `at`, Unix time, until the next picture. */
export interface Picture {
  readonly at: number
  /** Status by id; `undefined` while the registry did not answer. */
  readonly statuses: Statuses | undefined
}

export type Statuses = Readonly<Record<string, InstanceStatus>>

/** The pictures with one more, unless it says the same. */
export function withPicture(pictures: readonly Picture[], picture: Picture): readonly Picture[] {
  const last = pictures.at(-1)
  return last !== undefined && saysTheSame(last.statuses, picture.statuses)
    ? pictures
    : [...pictures, picture]
}

/** When the list, being there, first said this of an instance after a time; `gone` for not at all. */
export function saidSince(
  pictures: readonly Picture[],
  {
    id,
    status,
    since,
  }: { readonly id: string; readonly status: InstanceStatus | 'gone'; readonly since: number },
): number | undefined {
  return pictures.find(
    ({ at, statuses }) => at >= since && statuses !== undefined && (statuses[id] ?? 'gone') === status,
  )?.at
}

/** When all of them were first up after a time. */
export function allUpSince(
  pictures: readonly Picture[],
  ids: readonly string[],
  since: number,
): number | undefined {
  return pictures.find(({ at, statuses }) => at >= since && upCount(statuses, ids) === ids.length)?.at
}

/** How many of them are up. */
export function upCount(statuses: Statuses | undefined, ids: readonly string[]): number {
  return ids.filter((id) => statuses?.[id] === 'UP').length
}

function saysTheSame(one: Statuses | undefined, other: Statuses | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  const ids = Object.keys(one)
  return ids.length === Object.keys(other).length && ids.every((id) => one[id] === other[id])
}
