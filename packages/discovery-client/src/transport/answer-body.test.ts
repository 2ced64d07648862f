import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { AnswerBody } from './answer-body.js'

const isPage = (...chunks: string[]): boolean =>
  new AnswerBody(chunks.map((text) => Buffer.from(text))).isPage

test('a page is known by its beginning, in however many pieces it came', () => {
  expect(isPage('<html>')).toBe(true)
  expect(isPage(...'\ufeff <!DOCTYPE html>')).toBe(true)
  expect(isPage('<', 'html', ' lang="en">')).toBe(true)
})

test.each([
  '<!-- made by a proxy --><html>',
  '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">',
  '<head><title>Log in</title></head>',
  '<meta http-equiv="refresh" content="0; url=/login">',
  '<script>location = "/login"</script>',
])('a page may begin without its name: %s', (text) => {
  expect(isPage(text)).toBe(true)
})

test('what is only like a page is none', () => {
  expect(isPage('<?xml version="1.0"?><applications/>')).toBe(false)
  expect(isPage()).toBe(false)
  expect(isPage('<htmlish/>')).toBe(false)
  expect(isPage('{"html":"<html>"}')).toBe(false)
  expect(isPage('<ok/>', '<html>')).toBe(false)
})
