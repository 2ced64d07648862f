// Commands of Breakwater: the whole set of policies of a preset under one name, with a fallback.

import { createCommand } from '@breakwater/command'
import type { HystrixCommandOptions } from '@breakwater/command'
import { createRuntime } from '@breakwater/kernel'
import { warmOtherShapes } from './ours-warm.ts'
import type { Library } from './subject.ts'

type Preset =
  | { readonly preset?: 'standard' }
  | Pick<HystrixCommandOptions<[], unknown>, 'preset' | 'compat' | 'properties'>

/** Commands with these options. */
export function commands(options: Preset): Library {
  return {
    warm: warmOtherShapes,
    adapter: ({ work, key }) => {
      const runtime = createRuntime()
      const run = (): unknown => work()
      const fallback = (): number => 0
      const command =
        options.preset === 'hystrix'
          ? createCommand({ ...options, name: key, runtime, run, fallback })
          : createCommand({ name: key, runtime, run, fallback })
      return { call: () => command.execute(), dispose: () => command.dispose() }
    },
  }
}
