import { describe, expect, it } from 'vitest'
import { hostInUrl, readHost, readIpAddress } from './host.js'

describe('hosts from a registry', () => {
  it.each([
    'h1',
    'H1.Example.COM',
    'my_service',
    'a-b.c',
    'example.com.',
    '10.0.0.1',
    '255.255.255.255',
    'xn--bcher-kva.example',
    'x'.repeat(253),
  ])('takes %s as it is', (host) => {
    expect(readHost(host)).toBe(host)
  })

  it.each([
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['::', '::'],
    ['0000:0000:0000:0000:0000:ffff:255.255.255.255', '::ffff:ffff:ffff'],
  ])('takes the IPv6 address %s', (host, expected) => {
    expect(readHost(host)).toBe(expected)
    expect(readIpAddress(host)).toBe(expected)
    expect(hostInUrl(expected)).toBe(`[${expected}]`)
  })

  it.each([
    '',
    ' ',
    '.',
    '..',
    '.a',
    'a..b',
    '10.0.0.1@evil.example',
    'user:pass@evil',
    'evil#',
    'evil?x',
    'evil/',
    'a/..',
    'a\\b',
    'a b',
    'a\tb',
    'a\nb',
    'a\u0000',
    '\u00a0',
    'a:80',
    'http://a',
    '//a',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '127.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4.',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.0x4',
    '%31',
    '%00',
    'a%2eb',
    'bücher.example',
    'ａ',
    '①',
    'a。b',
    'a\u00adb',
    '[::1',
    '::1]',
    '[::1]:80',
    '1::1]',
    '::1]/x[',
    '::1]/#[::1',
    ':::',
    '::1%eth0',
    'fe80::1%252',
    '1::2::3',
    '::g',
    'xn--\u00fc',
    'a\r\nHost: b',
    '*',
    '<b>',
    'a"b',
    "a'b",
    '{a}',
    'a|b',
    'a^b',
    'a`b',
    'a,b',
    'a;b',
    '$x',
    '~',
    'x'.repeat(254),
    `${'1'.repeat(300)}`,
    7,
    null,
    undefined,
    ['a'],
    { toString: () => 'a' },
  ])('S3: refuses %j', (host) => {
    expect(readHost(host)).toBeUndefined()
  })

  it('an address is no name', () => {
    for (const address of ['0.9.10.99', '100.199.200.249', '250.255.1.220'])
      expect(readIpAddress(address)).toBe(address)
    expect(['h1', '10.0.0.256', '', 7, undefined, `${'0'.repeat(250)}::1`].map(readIpAddress)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    )
  })

  it('stands in a URL as it is, unless it has colons', () => {
    expect(['h1', '10.0.0.1'].map(hostInUrl)).toEqual(['h1', '10.0.0.1'])
  })
})
