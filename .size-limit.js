// What an application pays, minified and gzipped, when it keeps every export. Without undici, which an application has anyway.
const packages = ['kernel', 'breaker', 'fallback', 'command', 'discovery-client', 'http', 'metrics']

const bundle = (contents, external = []) => ({
  gzip: true,
  modifyEsbuildConfig: ({ entryPoints: _, ...config }) => ({
    ...config,
    platform: 'node',
    format: 'esm',
    stdin: { contents, resolveDir: import.meta.dirname },
    external,
  }),
})

/** The named packages in one bundle with what they need from outside; the other packages are not counted. */
const budget = (limit, ...names) => ({
  ...bundle(
    names.map((name) => `export * as ${name.replaceAll('-', '')} from '@breakwater/${name}'`).join('\n'),
    ['undici', ...packages.filter((name) => !names.includes(name)).map((name) => `@breakwater/${name}`)],
  ),
  name: names.join(' + '),
  path: names.map((name) => `packages/${name}/dist/index.js`),
  limit,
})

/** What a program gets into its bundle with these lines; for `docs/peers.md`, without a budget. */
const compared = (name, contents) => ({ ...bundle(contents), name, path: 'package.json' })

export default [
  budget('82.3 kB', 'kernel', 'breaker', 'fallback', 'command'),
  budget('24.5 kB', 'kernel'),
  budget('24.2 kB', 'breaker'),
  budget('11.5 kB', 'fallback'),
  budget('26.7 kB', 'command'),
  budget('64 kB', 'discovery-client'),
  budget('25.7 kB', 'http'),
  budget('10 kB', 'metrics'),
  compared('one breaker of ours', "export { CircuitBreaker } from '@breakwater/breaker'"),
  compared('one breaker of opossum', "export { default } from 'opossum'"),
  compared(
    'one breaker of cockatiel',
    "export { circuitBreaker, handleAll, ConsecutiveBreaker } from 'cockatiel'",
  ),
  compared('all of cockatiel', "export * from 'cockatiel'"),
]
