import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Emitter } from './events.js'
import { onInternalError } from './internal-errors.js'

interface Events {
  a: number
  b: number
}
type Name = keyof Events

/** What a listener does when it hears its n-th event. */
type Deed =
  | { readonly kind: 'emit'; readonly event: Name }
  | { readonly kind: 'on'; readonly event: Name; readonly script: number }
  | { readonly kind: 'off'; readonly subscription: number }
  | { readonly kind: 'throw' }
  | { readonly kind: 'nothing' }

const name = fc.constantFrom<Name>('a', 'b')
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constant('emit' as const), event: name }),
  fc.record({ kind: fc.constant('on' as const), event: name, script: fc.nat(3) }),
  fc.record({ kind: fc.constant('off' as const), subscription: fc.nat(5) }),
  fc.record({ kind: fc.constant('throw' as const) }),
  fc.record({ kind: fc.constant('nothing' as const) }),
)
/** A script is the list of deeds of one listener, one per event heard; it does nothing when the list is used up. */
const scripts = fc.array(fc.array(deed, { maxLength: 3 }), { minLength: 4, maxLength: 4 })
const top = fc.array(deed, { minLength: 1, maxLength: 12 })

interface World {
  on(event: Name, hear: (n: number) => void): () => void
  emit(event: Name, n: number): void
}

/** The contract in its plainest form: a queue of events, each with the subscriptions that it is meant for. */
class ModelEmitter implements World {
  private readonly subscriptions: { event: Name; hear: (n: number) => void; active: boolean }[] = []
  private readonly queue: (() => void)[] = []
  private busy = false

  on(event: Name, hear: (n: number) => void): () => void {
    const subscription = { event, hear, active: true }
    this.subscriptions.push(subscription)
    return () => {
      subscription.active = false
    }
  }

  emit(event: Name, n: number): void {
    const audience = this.subscriptions.filter((each) => each.event === event && each.active)
    this.queue.push(() => {
      for (const each of audience) {
        try {
          if (each.active) each.hear(n)
        } catch {
          // The fence.
        }
      }
    })
    if (this.busy) return
    this.busy = true
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) next()
    this.busy = false
  }
}

function play(world: World, program: readonly Deed[], listeners: readonly (readonly Deed[])[]): string[] {
  const log: string[] = []
  const offs: (() => void)[] = []
  let emitted = 0
  const act = (what: Deed | undefined): void => {
    if (what?.kind === 'emit' && emitted < 200) world.emit(what.event, ++emitted)
    if (what?.kind === 'on') subscribe(what.event, listeners[what.script] ?? [])
    if (what?.kind === 'off') offs[what.subscription]?.()
    if (what?.kind === 'throw') throw new Error('listener')
  }
  const subscribe = (event: Name, script: readonly Deed[]): void => {
    const id = offs.length
    if (id >= 30) return
    let heard = 0
    offs.push(
      world.on(event, (n) => {
        log.push(`${id} hears ${event} ${n}`)
        act(script[heard++])
        log.push(`${id} done`)
      }),
    )
  }
  for (const step of program) {
    if (step.kind !== 'throw') act(step)
    log.push('step')
  }
  return log
}

it('K3 order and audience are those of a plain queue, whatever listeners do to each other', () => {
  const unsubscribe = onInternalError(() => undefined)
  fc.assert(
    fc.property(top, scripts, (program, listeners) => {
      const actual = play(new Emitter<Events>(), program, listeners)
      const expected = play(new ModelEmitter(), program, listeners)

      expect(actual).toEqual(expected)
    }),
    { numRuns: 3_000 },
  )
  unsubscribe()
})

it('K3 the number of reports is the number of throws, and no throw reaches the emitting code', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 10 }), fc.nat(5), (throwing, emits) => {
      let reports = 0
      const unsubscribe = onInternalError(() => {
        reports += 1
      })
      const emitter = new Emitter<Events>()
      for (const throws of throwing) {
        emitter.on('a', () => {
          if (throws) throw new Error('listener')
        })
      }
      for (let n = 0; n < emits; n++) emitter.emit('a', n)
      unsubscribe()

      expect(reports).toBe(throwing.filter(Boolean).length * emits)
    }),
  )
})
