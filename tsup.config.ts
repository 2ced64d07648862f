// The one place that says how every package is built; to change the bundler, change this file.
// Packages run it from their own folder with `tsup --config ../../tsup.config.ts`.
import type { Options } from 'tsup'

const library: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node22',
  platform: 'node',
  // Declarations lean on the built declarations of the other packages, not on their sources.
  dts: { compilerOptions: { paths: {} } },
  sourcemap: true,
  splitting: false,
  clean: true,
}

export default library
