/**
 * Which tests check which invariant. The invariants are the table in ARCHITECTURE.md, the one list there is; a test
 * checks those whose ids stand in its title.
 */
import ts from 'typescript'

/** How strongly a test speaks: for any input, for every order of a few steps, or for one case. */
type TestKind = 'property' | 'interleavings' | 'example'

export interface Title {
  readonly file: string
  readonly line: number
  readonly kind: TestKind
  readonly text: string
}

export interface InvariantIndex {
  /** The titles that name each invariant, by id, in the order of the table. */
  readonly titles: ReadonlyMap<string, readonly Title[]>
  /** What has to be mended, a sentence each; empty when all is well. */
  readonly problems: readonly string[]
}

const TABLE_ROW = /^\|\s*([A-Z]\d+)\s*\|\s*(.*?)\s*\|$/gm
const RUNNERS = ['describe', 'it', 'test']
const NOT_RUN = ['skip', 'todo', 'skipIf', 'runIf']

/** The rows of the table, as id and statement. */
export function invariantsOf(markdown: string): ReadonlyMap<string, string> {
  const invariants = new Map<string, string>()
  for (const [, id = '', statement = ''] of markdown.matchAll(TABLE_ROW)) {
    if (invariants.has(id)) throw new Error(`the table has ${id} twice`)
    invariants.set(id, statement)
  }
  return invariants
}

/** The titles of the tests and groups in one file, as far as they are there to be read. Skipped ones have none. */
export function titlesOf(file: string, source: string): readonly Title[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const titles: Title[] = []
  const visit = (node: ts.Node): void => {
    const call = ts.isCallExpression(node) ? chainOf(node.expression) : undefined
    if (ts.isCallExpression(node) && call !== undefined && isRun(call.names)) {
      for (const { text, at } of textsOf(node.arguments[0], call.tables)) {
        const { line } = parsed.getLineAndCharacterOfPosition(at)
        titles.push({ file, line: line + 1, kind: kindOf(file), text })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(parsed)
  return titles
}

/** Who checks what, and what is wrong with it. */
export function indexOf(invariants: ReadonlyMap<string, string>, titles: readonly Title[]): InvariantIndex {
  const index = new Map<string, Title[]>([...invariants.keys()].map((id) => [id, []]))
  const problems: string[] = []
  const letters = new Set([...invariants.keys()].map((id) => id.charAt(0)))
  const idPattern = new RegExp(`\\b[${[...letters].join('')}]\\d+\\b`, 'g')
  for (const title of titles) {
    for (const id of new Set(title.text.match(idPattern))) {
      const known = index.get(id)
      if (known === undefined) problems.push(`${title.file}:${title.line} names ${id}, which is no invariant`)
      else known.push(title)
    }
  }
  for (const [id, found] of index) {
    if (found.length === 0) problems.push(`${id} has no test`)
    else if (!found.some(({ kind }) => kind === 'property')) problems.push(`${id} has tests, but no property`)
  }
  if (invariants.size === 0) problems.push('there is no table of invariants')
  return { titles: index, problems }
}

function kindOf(file: string): TestKind {
  if (file.endsWith('.prop.test.ts')) return 'property'
  return file.endsWith('-interleavings.test.ts') ? 'interleavings' : 'example'
}

interface Chain {
  /** `it`, `each` of `it.each(table)`. */
  readonly names: readonly string[]
  /** What its calls on the way were given: the rows of `each`. */
  readonly tables: readonly ts.Node[]
}

function chainOf(callee: ts.Expression): Chain | undefined {
  if (ts.isIdentifier(callee)) return { names: [callee.text], tables: [] }
  const inner =
    ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee) ? callee.expression : null
  const chain = inner === null ? undefined : chainOf(inner)
  if (chain === undefined) return undefined
  if (ts.isPropertyAccessExpression(callee)) return { ...chain, names: [...chain.names, callee.name.text] }
  return ts.isCallExpression(callee) ? { ...chain, tables: [...chain.tables, ...callee.arguments] } : chain
}

function isRun(names: readonly string[]): boolean {
  return RUNNERS.includes(names[0] ?? '') && !names.some((name) => NOT_RUN.includes(name))
}

interface Text {
  readonly text: string
  readonly at: number
}

/** A title; where it begins with what the rows of a table say, those are the titles. */
function textsOf(title: ts.Node | undefined, tables: readonly ts.Node[]): readonly Text[] {
  if (title === undefined || !(ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) return []
  const text = ts.isStringLiteralLike(title) ? title.text : title.getText().slice(1, -1)
  const own = { text, at: title.getStart() }
  return text.startsWith('%s') ? [own, ...tables.flatMap(firstCells)] : [own]
}

function firstCells(table: ts.Node): readonly Text[] {
  if (!ts.isArrayLiteralExpression(table)) return []
  return table.elements
    .map((row) => (ts.isArrayLiteralExpression(row) ? row.elements[0] : row))
    .filter((cell) => cell !== undefined && ts.isStringLiteralLike(cell))
    .map((cell) => ({ text: cell.text, at: cell.getStart() }))
}
