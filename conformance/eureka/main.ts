// `npm run conformance:eureka -- --url URL`: tells a running Eureka server the scenarios that need no more than its URL.
// Exit code 0: all that ran passed; 1: one failed, or none ran; 2: the command line is wrong.
import { readArguments, USAGE } from './command-line.ts'
import { conform } from './conform.ts'

const given = readArguments(process.argv.slice(2))
if (given.kind === 'help') {
  console.log(USAGE)
} else if (given.kind === 'fault') {
  console.error(`${given.fault}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  const isGood = await conform(given.options, (line) => {
    console.log(line)
  })
  process.exitCode = isGood ? 0 : 1
}
