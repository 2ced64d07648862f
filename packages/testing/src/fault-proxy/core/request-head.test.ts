import { describe, expect, it } from 'vitest'
import { httpAnswer, requestHead } from './request-head.js'

describe('the head of a request', () => {
  it.each([
    ['GET /a?b=c HTTP/1.1\r\nhost: h\r\n\r\n', { method: 'GET', path: '/a?b=c' }],
    ['POST / HTTP/1.0\n', { method: 'POST', path: '/' }],
    ['OPTIONS * HTTP/1.1\r\n', { method: 'OPTIONS', path: '*' }],
  ])('%o says %o', (text, head) => {
    expect(requestHead(text)).toEqual(head)
  })

  it.each([
    '',
    'GET / HTTP/1.1',
    'GET / HTTP/2.0\r\n',
    'GET / HTTP/111\r\n',
    'GET /a b HTTP/1.1\r\n',
    'get / HTTP/1.1\r\n',
    ' GET / HTTP/1.1\r\n',
    'GET HTTP/1.1\r\n',
    '\r\nGET / HTTP/1.1\r\n',
  ])('%o is none', (text) => {
    expect(requestHead(text)).toBeUndefined()
  })
})

describe('an answer', () => {
  it('is whole, and ends the connection', () => {
    expect(httpAnswer(503, 'über', { 'retry-after': '1' })).toBe(
      'HTTP/1.1 503 Faulted\r\nconnection: close\r\ncontent-length: 5\r\nretry-after: 1\r\n\r\nüber',
    )
  })

  it('may lie about its length', () => {
    expect(httpAnswer(200, '', { 'content-length': '9' })).toContain('content-length: 9\r\n')
  })
})
