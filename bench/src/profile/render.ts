// Shares as words.

import type { Place } from './shares.ts'

/** Smaller shares are noise. */
const LEAST = 0.03

/** `kernel 41 % (enter 12, fulfilled 9), V8 30 % (promises and microtasks 25), …`, the largest first. */
export function renderPlaces(places: readonly Place[]): string {
  const rooms = new Set(places.map(({ room }) => room))
  return [...rooms]
    .map((room) => ({ room, inside: places.filter((place) => place.room === room) }))
    .map(({ room, inside }) => ({ room, inside, share: inside.reduce((sum, { share }) => sum + share, 0) }))
    .filter(({ share }) => share >= LEAST)
    .sort((a, b) => b.share - a.share)
    .map(({ room, inside, share }) => {
      const large = inside.filter((place) => place.share >= LEAST && room !== 'bench')
      const names = large.map((place) => `${place.name} ${percent(place.share)}`)
      return `${room} ${percent(share)} %${names.length === 0 ? '' : ` (${names.join(', ')})`}`
    })
    .join(', ')
}

function percent(share: number): string {
  return (share * 100).toFixed(0)
}
