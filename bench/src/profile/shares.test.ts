import type { Profiler } from 'node:inspector'
import { expect, test } from 'vitest'
import { renderPlaces } from './render.ts'
import { sharesOf } from './shares.ts'

const FRAMES: readonly (readonly [name: string, url: string])[] = [
  ['(root)', ''],
  ['(program)', ''],
  ['enter', 'file:///repo/packages/kernel/dist/index.js'],
  ['enter', 'file:///repo/packages/breaker/dist/index.js'],
  ['', 'file:///repo/packages/kernel/dist/index.js'],
  ['anonymous', ''],
  ['then', ''],
  ['post', 'node:inspector'],
  ['AsyncResource', 'node:async_hooks'],
]

function profileOf(samples: readonly number[]): Profiler.Profile {
  const nodes = FRAMES.map(([functionName, url], id) => ({
    id,
    callFrame: { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 },
  }))
  return { nodes, samples: [...samples], startTime: 0, endTime: 1 }
}

test('a sample counts for the function whose own code ran, in its package', () => {
  expect(sharesOf(profileOf([2, 2, 3, 4]))).toEqual([
    { room: 'kernel', name: 'enter', share: 0.5 },
    { room: 'breaker', name: 'enter', share: 0.25 },
    { room: 'kernel', name: 'a closure', share: 0.25 },
  ])
})

test('the engine, Node and the loop have rooms of their own', () => {
  expect(sharesOf(profileOf([1, 1, 1, 5, 5, 8])).map(({ room, name }) => `${room}: ${name}`)).toEqual([
    'V8: promises and microtasks',
    'bench: the loop and the work',
    'Node: AsyncResource',
  ])
})

test('what the profiler does itself is in no share', () => {
  expect(sharesOf(profileOf([0, 7, 2]))).toEqual([{ room: 'kernel', name: 'enter', share: 1 }])
})

test('in words the rooms come by their share, with what is large in them', () => {
  const places = [
    { room: 'kernel', name: 'enter', share: 0.3 },
    { room: 'V8', name: 'promises and microtasks', share: 0.4 },
    { room: 'kernel', name: 'exit', share: 0.2 },
    { room: 'kernel', name: 'read', share: 0.02 },
    { room: 'bench', name: 'the loop and the work', share: 0.06 },
    { room: 'Node', name: 'now', share: 0.02 },
  ]

  expect(renderPlaces(places)).toBe(
    'kernel 52 % (enter 30, exit 20), V8 40 % (promises and microtasks 40), bench 6 %',
  )
})
