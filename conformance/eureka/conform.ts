// Tells scenarios to a running server, and says line by line how they went.
import { setTimeout as pause } from 'node:timers/promises'
import type { Arguments } from './command-line.ts'
import { Gateway } from './gateway.ts'
import type { LabOptions } from './lab.ts'
import { missingNeeds } from './missing-needs.ts'
import { describe, runScenarios } from './runner.ts'

/** Whether something passed and nothing failed. */
export async function conform(given: Arguments, say: (line: string) => void): Promise<boolean> {
  const { only, settleMs, soakMs, flavour } = given
  const bridges: Gateway[] = []
  try {
    const reach = await reachOf(given, bridges)
    const results = await runScenarios({
      ...reach,
      flavour,
      only,
      settleMs,
      soakMs,
      run: process.pid.toString(36),
      missing: missingNeeds(),
      pause: (ms) => pause(ms),
      heard: (result) => {
        say(describe(result))
      },
    })
    const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length
    say(
      `${String(count('passed'))} passed, ${String(count('failed'))} failed, ${String(count('skipped'))} skipped`,
    )
    return count('failed') === 0 && count('passed') > 0
  } finally {
    await Promise.all(bridges.map((bridge) => bridge.stop()))
  }
}

/**
 * Raw requests, faulty lines and other clients speak plain HTTP, to a bridge that has the password and checks the
 * certificate. Our client goes to the server itself, unless no certificate shall be checked.
 */
async function reachOf(
  { url, peerUrl, ca, insecure }: Arguments,
  bridges: Gateway[],
): Promise<Pick<LabOptions, 'url' | 'peerUrl' | 'direct'>> {
  const trust = insecure ? { rejectUnauthorized: false } : ca === undefined ? {} : { ca }
  const bridged = async (target: string): Promise<string> => {
    if (isPlain(target)) return target
    const bridge = await Gateway.start({ target, trust })
    bridges.push(bridge)
    return bridge.url
  }
  const direct = { url, ...(ca === undefined ? {} : { tls: { ca } }) }
  return {
    url: await bridged(url),
    peerUrl: peerUrl === undefined ? undefined : await bridged(peerUrl),
    ...(insecure || isPlain(url) ? {} : { direct }),
  }
}

function isPlain(url: string): boolean {
  const { protocol, username, password } = new URL(url)
  return protocol === 'http:' && username === '' && password === ''
}
