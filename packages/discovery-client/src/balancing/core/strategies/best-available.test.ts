import { expect, test } from 'vitest'
import { BestAvailablePicker } from './best-available.js'
import { busy, chosenBy, dice, questionOf, tire } from './picker.model.js'

test('any of the least busy is chosen, each as likely as the other', () => {
  const picker = new BestAvailablePicker(busy(2, 0, 1, 0, 0, 3))

  expect([0, 0.33, 0.34, 0.66, 0.67, 0.99].map((draw) => chosenBy(picker, { random: dice(draw) }))).toEqual([
    'i1',
    'i1',
    'i3',
    'i3',
    'i4',
    'i4',
  ])
})

test('one that rests is chosen when there is no other, and one that is excluded never', () => {
  const hosts = busy(0, 1, 2)
  const picker = new BestAvailablePicker(hosts)
  tire(hosts[0]!)
  hosts[0]!.inFlight = 0
  const others = hosts.slice(1)

  expect(chosenBy(picker)).toBe('i1')
  expect(chosenBy(picker, { exclude: [hosts[1]!] })).toBe('i2')
  expect(chosenBy(picker, { exclude: others })).toBe('i0')
  expect(chosenBy(picker, { exclude: hosts })).toBeUndefined()
})

test('what decides is the number of calls in flight', () => {
  const question = questionOf()
  const picker = new BestAvailablePicker(busy(3, 2))
  picker.pick(question)

  expect([question.hasScores, question.chosenScore, question.rival]).toEqual([true, 2, undefined])
  expect(busy(3, 2).map((host) => picker.score(host))).toEqual([3, 2])
})
