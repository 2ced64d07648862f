// What the command line makes happen. Apart from `main.ts`, so that tests can run it and read what it says.

import { writeFileSync } from 'node:fs'
import { parseRequest } from './command-line.ts'
import type { Request } from './command-line.ts'
import { renderDifference } from './compare/difference.ts'
import { renderDifferencesPage } from './differences-page.ts'
import {
  allowedDifferences,
  DIFFERENCES_PAGE,
  otherRecordingsOf,
  recordingsOf,
  scenarioAt,
  SCENARIOS,
  userPath,
} from './files.ts'
import { replay } from './replay/replay.ts'
import { compareFolder } from './run-scenarios.ts'
import type { Verdict } from './run-scenarios.ts'
import { LINES } from './scenario/scenario.ts'
import type { Line } from './scenario/scenario.ts'

/** Where the output goes. */
export interface Output {
  print(text: string): void
  complain(text: string): void
}

/** The exit code: 0 when all is as it should be, 1 when a difference is not in the list of allowed ones, 2 when the command line or a file is wrong. */
export async function run(args: readonly string[], output: Output): Promise<number> {
  try {
    return await answer(parseRequest(args), output)
  } catch (error) {
    output.complain(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
}

async function answer(request: Request, output: Output): Promise<number> {
  switch (request.do) {
    case 'all': {
      const codes: number[] = []
      for (const line of LINES)
        codes.push(
          await compare(SCENARIOS, recordingsOf(line), { line, output, orTraces: otherRecordingsOf(line) }),
        )
      return Math.max(...codes)
    }
    case 'trace': {
      const { trace } = await replay(scenarioAt(userPath(request.file)), request.line)
      output.print(`${JSON.stringify(trace, null, 1)}\n`)
      return 0
    }
    case 'compare':
      return compare(userPath(request.scenarios), userPath(request.traces), { line: request.line, output })
    case 'write-differences':
      writeFileSync(DIFFERENCES_PAGE, renderDifferencesPage(allowedDifferences()))
      return 0
  }
}

async function compare(
  scenarios: string,
  traces: string,
  {
    line,
    output,
    orTraces,
  }: { readonly line: Line; readonly output: Output; readonly orTraces?: string | undefined },
): Promise<number> {
  const verdicts = await compareFolder({
    ...{ scenarios, traces, line, orTraces },
    allowed: allowedDifferences(),
  })
  for (const { differences } of verdicts)
    for (const { difference, allowedBy } of differences)
      output.print(
        `${line} ${renderDifference(difference)}${allowedBy === undefined ? '' : ` (allowed: ${allowedBy.id})`}\n`,
      )
  output.print(`${summary(verdicts, line)}\n`)
  return verdicts.every(isGood) ? 0 : 1
}

function summary(verdicts: readonly Verdict[], line: Line): string {
  const equal = verdicts.filter(({ differences }) => differences.length === 0).length
  const allowed = verdicts.filter((verdict) => verdict.differences.length > 0 && isGood(verdict)).length
  const wrong = verdicts.length - equal - allowed
  return `${line}: ${verdicts.length} scenarios: ${equal} equal, ${allowed} with allowed differences only, ${wrong} different`
}

function isGood({ differences }: Verdict): boolean {
  return differences.every(({ allowedBy }) => allowedBy !== undefined)
}
