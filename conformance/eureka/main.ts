// `npm run conformance:eureka -- --url URL`: tells a running Eureka server the scenarios that need no more than its URL.
// Exit code 0: all that ran passed; 1: one failed, or none ran; 2: the command line is wrong.
import { setTimeout as pause } from 'node:timers/promises'
import { readArguments, USAGE } from './command-line.ts'
import { missingNeeds } from './missing-needs.ts'
import { describe, runScenarios } from './runner.ts'

const given = readArguments(process.argv.slice(2))
if (given === 'help') {
  console.log(USAGE)
} else if (typeof given === 'string') {
  console.error(`${given}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  const results = await runScenarios({
    ...given,
    run: process.pid.toString(36),
    missing: missingNeeds(),
    pause: (ms) => pause(ms),
    heard: (result) => {
      console.log(describe(result))
    },
  })
  const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length
  console.log(
    `${String(count('passed'))} passed, ${String(count('failed'))} failed, ${String(count('skipped'))} skipped`,
  )
  process.exitCode = count('failed') === 0 && count('passed') > 0 ? 0 : 1
}
