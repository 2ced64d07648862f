/** Writes what was found as a page of Markdown. */
import { readFileSync } from 'node:fs'
import { format } from 'prettier'
import { judge, LIBRARIES, THEMES } from './judge.js'
import type { Verdict } from './judge.js'
import { OTHERWISE } from './otherwise.js'
import type { Scenario, Theme } from './scenario.js'
import type { Library } from './subject.js'

const ROOT = new URL('../../', import.meta.url)
const MANIFESTS = {
  Breakwater: 'packages/breaker/package.json',
  opossum: 'node_modules/opossum/package.json',
  cockatiel: 'node_modules/cockatiel/package.json',
}

/** The whole page, as it must stand in `docs/peers.md`. */
export async function page(): Promise<string> {
  const { printWidth } = JSON.parse(read('.prettierrc')) as { printWidth: number }
  const tables: string[] = []
  for (const theme of THEMES) tables.push(await table(theme))
  return format([introduction(), ...tables, OTHERWISE].join('\n\n'), { parser: 'markdown', printWidth })
}

function introduction(): string {
  return `# What goes wrong where

<!-- Made by \`npm run peers\` from regressions/peers; a test compares it. Do not edit it by hand. -->

The same script is run against each library, through a thin adapter
([\`regressions/peers\`](../regressions/peers)): ✓ right, ✗ wrong and what was seen, – does not have it. The scripts
are about defects that we know from opossum, cockatiel and others, so this is no fair sample of what a library can do:
it shows where we looked. The last column says whose defect it was: O and C are our numbers for those of opossum
and cockatiel, as in [\`regressions\`](../regressions), the others name the project, and its issue where there is one.

\`npm run peers\` makes this page anew; \`npm test\` fails when it no longer says what happens.`
}

async function table({ title, scenarios }: Theme): Promise<string> {
  const head = LIBRARIES.map(({ name }) => `${name} ${versionOf(name)}`)
  const rows = [
    ['', ...head, 'Defect'],
    ['---', ...head.map(() => '---'), '---'],
  ]
  for (const scenario of scenarios) {
    const cells: string[] = []
    for (const library of LIBRARIES) cells.push(cell(scenario, library, await judge(scenario, library)))
    rows.push([scenario.says, ...cells, scenario.id])
  }
  return [`## ${title}`, '', ...rows.map(line)].join('\n')
}

function cell({ notes }: Scenario, { name }: Library, verdict: Verdict): string {
  if (verdict === 'absent') return '–'
  if (verdict.right) return '✓'
  const note = notes?.[name]
  return `✗ ${verdict.saw}${note === undefined ? '' : ` (${note})`}`
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function versionOf(name: Library['name']): string {
  return (JSON.parse(read(MANIFESTS[name])) as { version: string }).version
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}
