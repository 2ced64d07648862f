// Tests run on the sources: every package name leads to its `src`, so no build is needed and stacks point at real lines.
import { fileURLToPath } from 'node:url'
import type { ViteUserConfig } from 'vitest/config'

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const config: ViteUserConfig = {
  resolve: {
    alias: [
      { find: /^@breakwater\/testing\/vitest$/, replacement: fromRoot('packages/testing/src/vitest.ts') },
      { find: /^@breakwater\/([a-z-]+)$/, replacement: fromRoot('packages/$1/src/index.ts') },
    ],
  },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'regressions/**/*.test.ts',
      'examples/**/*.test.ts',
      'docs/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'sim/**/*.test.ts',
      'conformance/**/*.test.ts',
      'servers/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    retry: 0,
    // How long a check may take that hangs, not how fast one must be: machines are shared.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000, interval: 5 } },
    dangerouslyIgnoreUnhandledErrors: false,
    allowOnly: false,
    restoreMocks: true,
    unstubGlobals: true,
    typecheck: {
      enabled: true,
      include: ['packages/*/src/**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
      // Sources have a check of their own, `npm run typecheck`; here only the type tests speak.
      ignoreSourceErrors: true,
    },
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/*.model.ts', '**/index.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
    },
  },
}

export default config
