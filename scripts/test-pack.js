// Installs the packed packages in an empty project, as a user would, and checks that both module systems get the whole
// of them and recognise each other's objects. Needs no network: the dependencies from outside are packed from node_modules,
// and the cache is an empty one, so that none of them comes from what this machine has downloaded before.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const npm = (cwd, ...args) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

const project = mkdtempSync(join(tmpdir(), 'breakwater-pack-'))
try {
  const folders = readdirSync(join(root, 'packages')).map((name) => `./packages/${name}`)
  const packed = JSON.parse(
    npm(
      root,
      'pack',
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      project,
      ...folders,
      ...new Set(folders.flatMap(dependenciesFromOutside)),
    ),
  )
  const tarballs = Object.values(packed)
  for (const { name, files } of tarballs) {
    if (name.startsWith('@breakwater/'))
      requireFiles(
        name,
        files.map((file) => file.path),
      )
  }

  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      name: 'consumer',
      private: true,
      type: 'module',
      dependencies: Object.fromEntries(tarballs.map(({ name, filename }) => [name, `file:${filename}`])),
    }),
  )
  const cache = join(project, 'cache')
  npm(project, 'install', '--offline', '--cache', cache, '--no-audit', '--no-fund', '--loglevel=error')
  cpSync(join(root, 'scripts/consumer.js'), join(project, 'consumer.js'))
  const ours = tarballs.map(({ name }) => name).filter((name) => name.startsWith('@breakwater/'))
  execFileSync('node', ['consumer.js', ...ours], { cwd: project, stdio: 'inherit' })
} finally {
  rmSync(project, { recursive: true, force: true })
}

/** The folders of what a package depends on. Its own copy comes first: another version may lie in the root. */
function dependenciesFromOutside(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return Object.keys(dependencies)
    .filter((name) => !name.startsWith('@breakwater/'))
    .map((name) =>
      [`${folder}/node_modules/${name}`, `./node_modules/${name}`].find((path) =>
        existsSync(join(root, path)),
      ),
    )
}

function requireFiles(name, files) {
  const needed = [
    'LICENSE',
    'README.md',
    'dist/index.js',
    'dist/index.cjs',
    'dist/index.d.ts',
    'dist/index.d.cts',
  ]
  const missing = needed.filter((file) => !files.includes(file))
  const unwanted = files.filter((file) => file.startsWith('src/') || file.includes('.test'))
  if (missing.length > 0) throw new Error(`${name}: the packed files lack ${missing.join(', ')}`)
  if (unwanted.length > 0) throw new Error(`${name}: packed by mistake: ${unwanted.join(', ')}`)
}
