import { expect, it } from 'vitest'
import { javaHashOrder } from './java-order.ts'

// What `new ConcurrentHashMap<String, ?>` of a JDK gives back for these keys follows from `String.hashCode`: "a" is 97, "10" is 1567.
it('gives keys back by their hash, not by their arrival', () => {
  expect(javaHashOrder(['c', 'a', 'b'])).toEqual(['a', 'b', 'c'])
  // 112 ("p") falls into bucket 0 of 16, 97 ("a") into bucket 1.
  expect(javaHashOrder(['a', 'p'])).toEqual(['p', 'a'])
})

it('keeps the arrival of keys that fall into one bucket', () => {
  // 97 and 113 are both 1 of 16.
  expect(javaHashOrder(['q', 'a'])).toEqual(['q', 'a'])
})

it('has more buckets when there are more keys', () => {
  const many = [...'qabcdefghijk']

  // From the twelfth key on there are 32 buckets: 97 is 1 and 113 is 17.
  expect(javaHashOrder(many).at(-1)).toBe('q')
})
