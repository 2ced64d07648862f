// What an application pays, minified and gzipped, when it keeps every export.
const packages = ['kernel', 'breaker', 'fallback', 'command', 'metrics']

/** The named packages in one bundle with what they need from outside; the other packages are not counted. */
const budget = (limit, ...names) => ({
  name: names.join(' + '),
  path: names.map((name) => `packages/${name}/dist/index.js`),
  limit,
  gzip: true,
  modifyEsbuildConfig: ({ entryPoints: _, ...config }) => ({
    ...config,
    platform: 'node',
    format: 'esm',
    stdin: {
      contents: names.map((name) => `export * as ${name} from '@breakwater/${name}'`).join('\n'),
      resolveDir: import.meta.dirname,
    },
    external: packages.filter((name) => !names.includes(name)).map((name) => `@breakwater/${name}`),
  }),
})

export default [
  budget('36 kB', 'kernel', 'breaker', 'fallback', 'command'),
  budget('18 kB', 'kernel'),
  budget('15 kB', 'breaker'),
  budget('2 kB', 'fallback'),
  budget('6 kB', 'command'),
  budget('8 kB', 'metrics'),
]
