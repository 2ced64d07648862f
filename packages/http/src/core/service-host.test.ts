import { expect, test } from 'vitest'
import { instanceOrigin, serviceNameOf } from './service-host.js'

test.each([
  ['users', 'users'],
  ['USERS', 'users'],
  ['user-service_2', 'user-service_2'],
  ['users.v2', 'users.v2'],
  ['a', 'a'],
  ['users.1st', 'users.1st'],
  ['x'.repeat(63), 'x'.repeat(63)],
  [`${'abcd.'.repeat(50)}abc`, `${'abcd.'.repeat(50)}abc`],
])('%s is the service %s', (hostname, expected) => {
  expect(serviceNameOf(hostname)).toBe(expected)
})

test.each([
  ...['', '.', 'a.', '.a', 'a..b', '-a', 'a.-b', 'x'.repeat(64), `${'abcd.'.repeat(50)}abcd`],
  ...[
    '10.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '1',
    'a.1',
    'a.0x1f',
    'a.0x',
    '[::1]',
    '::1',
  ],
  ...[
    'a b',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    'a@b',
    'a:80',
    'a%2e',
    'a\0',
    'a\n',
    'ä',
    'аpple',
    'a,b',
    '$a',
    '*',
    '{a}',
  ],
])('%j is no service (S3)', (hostname) => {
  expect(serviceNameOf(hostname)).toBeUndefined()
})

test.each([
  ['10.0.0.7', 8080, false, 'http://10.0.0.7:8080'],
  ['10.0.0.7', 80, false, 'http://10.0.0.7'],
  ['users.internal', 443, true, 'https://users.internal'],
  ['Users-1.Internal', 8443, true, 'https://users-1.internal:8443'],
  ['my_host', 1, false, 'http://my_host:1'],
  ['::1', 65_535, false, 'http://[::1]:65535'],
  ['2001:DB8:0:0:0:0:0:1', 80, true, 'https://[2001:db8::1]:80'],
  ['::ffff:10.0.0.1', 80, false, 'http://[::ffff:a00:1]'],
  [`${'abcd.'.repeat(50)}abc`, 80, false, `http://${'abcd.'.repeat(50)}abc`],
])('%s, port %d, secure %s: %s', (host, port, secure, expected) => {
  expect(instanceOrigin(host, port, secure)).toBe(expected)
})

test.each([
  ...['', ' ', 'a b', '10.0.0.1@evil.example', 'user:pass@host', 'evil#', 'evil?', 'a/..', 'a\\b', 'a/b'],
  ...['0x7f.1', '127.1', '2130706433', '0177.0.0.1', '10.0.0.256', '1.2.3.4.5', '01.2.3.4', '%31', 'a%2eb'],
  ...[
    '[::1]',
    '::1]',
    '::g',
    'fe80::1%eth0',
    ':::',
    '1:2',
    'host:80',
    'a\r\nb',
    'a\tb',
    'a\0',
    'ⓔvil',
    'ä.de',
  ],
  ...['-a', 'a..b', '.a', 'x'.repeat(254), '::1\n', '::ffff:10.0.0.1@evil', '::1]:80/[::1'],
  `${'abcd.'.repeat(50)}abcd`,
])('the host %j is refused (S3)', (host) => {
  expect(instanceOrigin(host, 80, false)).toBeUndefined()
})

test.each([0, -1, 65_536, 1.5, NaN, Infinity])('port %s is refused', (port) => {
  expect(instanceOrigin('10.0.0.1', port, false)).toBeUndefined()
})
