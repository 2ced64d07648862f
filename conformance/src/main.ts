// `npm run conformance`: replays scenarios on simulated time and compares with what Hystrix did.

import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), {
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
})
