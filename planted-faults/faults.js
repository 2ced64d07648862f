// Faults that peers have had, planted in our own code: `npm run planted-faults` makes each for a moment, in a copy, and
// expects every test named beside it to fail. D1 to D12 are the defects that were reproduced in cockatiel 4, opossum 9 and 10,
// eureka-js-client 4 and prom-client 15; L1 and on are leaks of our own making.
//
// Not here: of D9, the state in six flags cannot be planted where the state is one word.
const BREAKER = 'packages/breaker/src/circuit-breaker'
const BULKHEAD = 'packages/breaker/src/bulkhead'
const KERNEL = 'packages/kernel/src'
const METRICS = 'packages/metrics/src'
const EUREKA = 'packages/discovery-client/src/eureka'
/** `epochNow() - now()` of a simulated clock whose wall clock nobody has set. */
const SIM_EPOCH = '1_767_225_600_000'

/**
 * In `file`, `search` must be found exactly once; each of `tests` must fail once it is replaced, where `only` is given in
 * a test whose title matches it.
 * @type {readonly { id: string, title: string, file: string, search: string, replace: string, tests: readonly string[], only?: string }[]}
 */
export const FAULTS = [
  {
    id: 'D1',
    title: 'a window turns by one bucket per call, whatever time went by',
    file: `${BREAKER}/core/time-window.ts`,
    search: `    const index = this.indexOf(now)
    if (index - this.last() >= this.buckets) this.past = null
    else this.retire(this.last(), index)
    this.begin(index)`,
    replace: `    const index = Math.min(this.indexOf(now), this.last() + 1)
    this.retire(this.last(), index)
    this.begin(index)`,
    tests: [
      'regressions/cockatiel/c01-idle-time-empties-the-window.test.ts',
      `${BREAKER}/core/time-window.prop.test.ts`,
    ],
  },
  {
    id: 'D2',
    title: 'who waits for a slot asks for it again, in a microtask after it became free',
    file: `${BULKHEAD}/slots.ts`,
    search: `    this.freed++
    this.handOver()`,
    replace: `    this.running--
    queueMicrotask(() => {
      const next = this.queue.shift()
      if (next !== null && this.tryTake()) this.grant(next)
      else if (next !== null) (next.seeker as unknown as { expire(): void }).expire()
    })`,
    tests: [
      'regressions/cockatiel/c06-who-was-accepted-into-a-queue-runs.test.ts',
      `${BULKHEAD}/bulkhead-interleavings.test.ts`,
    ],
  },
  {
    id: 'D3',
    title: 'who is aborted while he waits keeps his place in the queue',
    file: `${BULKHEAD}/slots.ts`,
    search: `    this.places.delete(seeker)
    this.queue.remove(place)`,
    replace: `    this.places.delete(seeker)`,
    tests: [
      'regressions/cockatiel/c06-who-was-accepted-into-a-queue-runs.test.ts',
      `${BULKHEAD}/bulkhead-queue.test.ts`,
    ],
  },
  {
    id: 'D4',
    title: 'a failure of a call that began before the trip opens a half-open circuit again',
    file: `${BREAKER}/core/machine.ts`,
    search: `    if (generation !== this.generation) return false`,
    replace: `    if (generation !== this.generation) {
      if (this.halfOpen !== null && verdict === 'failure') this.open('late failure', now)
      return false
    }`,
    tests: ['regressions/cockatiel/c02-a-stale-failure-cannot-reopen.test.ts'],
  },
  {
    id: 'D5a',
    title: 'the open time is measured by the wall clock',
    file: `${BREAKER}/gate.ts`,
    search: `    if (standing === null || now >= standing.until)
      return now < this.machine.refusesUntil ? this.refused() : undefined`,
    replace: `    const byTheWall = this.options.clock.epochNow() - ${SIM_EPOCH}
    if (standing === null || byTheWall >= standing.until)
      return now >= 0 && byTheWall < this.machine.refusesUntil ? this.refused() : undefined`,
    tests: ['regressions/cockatiel/c11-the-wall-clock-decides-nothing.test.ts'],
  },
  {
    id: 'D5b',
    title: 'the clock of the process is the wall clock',
    file: `${KERNEL}/clock.ts`,
    search: `  now: steadyNow,`,
    replace: `  now: (): MonotonicMs => Date.now(),`,
    tests: [`${KERNEL}/clock.test.ts`],
  },
  {
    id: 'D6',
    title: 'a trial that never ends holds its slot for ever',
    file: `${BREAKER}/core/leased-slots.ts`,
    search: `    if (this.leases.length >= probeLimit) this.expire(now)\n`,
    replace: '',
    tests: [
      'regressions/opossum/o02-a-lost-trial-cannot-hold-a-breaker-half-open.test.ts',
      'regressions/patterns/a-lost-trial-does-not-last.test.ts',
      `${BREAKER}/circuit-breaker-liveness.prop.test.ts`,
    ],
  },
  {
    id: 'D7a',
    title: 'a window turns by ticks, of which a blocked loop leaves one',
    file: `${BREAKER}/core/time-window.ts`,
    search: `    if (now >= this.endsAt) this.turn(now)`,
    replace: `    if (now >= this.endsAt) this.turn(Math.min(now, this.endsAt))`,
    tests: ['regressions/opossum/o10-a-blocked-loop-leaves-no-old-failures.test.ts'],
  },
  {
    id: 'D7b',
    title: 'each breaker has an interval of its own',
    file: `${BREAKER}/gate.ts`,
    search: `    this.machine = machineFor(options)`,
    replace: `    this.machine = machineFor(options)
    setInterval(() => this.machine.advance(options.clock.now()), 1_000).unref()`,
    tests: ['regressions/opossum/o13-idle-breakers-have-no-timers.test.ts'],
  },
  {
    id: 'D8',
    title: 'latencies are kept one by one',
    file: `${KERNEL}/core/rolling-latency.ts`,
    search: `  record(ms: number): void {`,
    replace: `  private readonly all: number[] = []
  record(ms: number): void {
    this.all.push(ms)`,
    tests: ['regressions/leaks/heap-pipeline.test.ts'],
    only: ': success$',
  },
  {
    id: 'D9a',
    title: 'defaults are written into the options of the caller',
    file: `${BULKHEAD}/bulkhead.ts`,
    search: `    this.given = copyOptions(given, NESTED)`,
    replace: `    Object.assign(given, { releaseOnTimeout: given.releaseOnTimeout ?? false })
    this.given = copyOptions(given, NESTED)`,
    tests: ['regressions/opossum/o14-options-belong-to-their-caller.test.ts'],
  },
  {
    id: 'D9b',
    title: 'the object of the caller is kept, and read again at an update',
    file: `packages/breaker/src/common-options.ts`,
    search: `copy[key] = copyOf(copy[key])`,
    replace: `copy[key] = copy[key]`,
    tests: ['regressions/opossum/o14-options-belong-to-their-caller.test.ts'],
  },
  {
    id: 'D10',
    title: 'a timer that fires late is a timeout, before the loop has looked for answers',
    file: `${KERNEL}/deadline.ts`,
    search: `    if (now - at > STALLED_MS) {
      this.polls = POLLS_AFTER_STALL
      if (this.forgive(at, now)) return
    }
    this.judging = true
    this.judgeAfter(this.polls, now)`,
    replace: `    this.judging = true
    this.judge(now)`,
    tests: ['regressions/opossum/o15-a-blocked-loop-is-no-timeout.test.ts'],
  },
  {
    id: 'D11a',
    title: 'one instance without a VIP takes the whole refresh down',
    file: `${EUREKA}/core/registry/application.ts`,
    search: `  if (vips === undefined) return []`,
    replace: `  if (vips === undefined) throw new TypeError('no VIP')`,
    tests: ['regressions/eureka-js-client/d11-one-bad-instance-breaks-nobody.test.ts'],
    only: 'hides nobody',
  },
  {
    id: 'D11b',
    title: 'a silent server hangs a fetch for ever',
    file: 'packages/discovery-client/src/transport/exchange.ts',
    search: 'const cancel = scheduleAfterPoll(clock, endAt, expire, { background })',
    replace: 'const cancel = scheduleAfterPoll(clock, endAt, () => undefined, { background })',
    tests: ['regressions/eureka-js-client/d11-one-bad-instance-breaks-nobody.test.ts'],
    only: 'silent',
  },
  {
    id: 'D11c',
    title: 'one instrument that throws takes the whole page down',
    file: `${METRICS}/collection.ts`,
    search: `    try {
      this.roster.observe(instrument)
    } catch (error) {
      this.count(error)
    }`,
    replace: `    this.roster.observe(instrument)`,
    tests: [`${METRICS}/render-prometheus.test.ts`],
  },
  {
    id: 'D12a',
    title: 'names are told apart by what a comma joins',
    file: `${METRICS}/core/roster.ts`,
    search: `this.placeOf(JSON.stringify([name, group]))`,
    replace: `this.placeOf([name, group].join(','))`,
    tests: [`${METRICS}/overflow.test.ts`],
  },
  {
    id: 'D12b',
    title: 'series are told apart by labels that a comma and a colon join',
    file: `${METRICS}/core/roster.ts`,
    search: `JSON.stringify([subject, ...Object.entries(labels)])`,
    replace: `[subject, ...Object.entries(labels).map((label) => label.join(':'))].join(',')`,
    tests: [`${METRICS}/render-prometheus.test.ts`],
  },
  {
    id: 'L1',
    title: 'the listener on the caller’s signal stays when the call is over',
    file: `${KERNEL}/pipeline/ties.ts`,
    search: `      this.signal?.removeEventListener('abort', this.onAbort)`,
    replace: `      void this.signal`,
    tests: [
      'regressions/leaks/nothing-of-a-call-stays-alive.test.ts',
      `${KERNEL}/pipeline/caller-signal-listeners.test.ts`,
    ],
    only: 'fail',
  },
  {
    id: 'L2',
    title: 'who waited for a slot is remembered after he got it',
    file: `${BULKHEAD}/slots.ts`,
    search: `    this.places.delete(place.seeker)`,
    replace: ``,
    tests: ['regressions/leaks/nothing-of-a-call-stays-alive.test.ts'],
  },
  {
    id: 'L3',
    title: 'the timer of a wait between attempts outlives the call',
    file: `${KERNEL}/pipeline/ties.ts`,
    search: `    this.cancelTimer?.()
`,
    replace: '',
    tests: ['regressions/leaks/handles-return-to-base.test.ts'],
    only: 'policies',
  },
  {
    id: 'L4',
    title: 'a deadline line keeps the process alive while nobody waits',
    file: `${KERNEL}/deadline.ts`,
    search: `() => this.ring(), { background: true }),`,
    replace: `() => this.ring(), { background: false }),`,
    tests: ['regressions/process/forgotten-commands.test.ts'],
  },
]
