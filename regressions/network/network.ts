/**
 * The network of the program that imports this: its own, so that packets may get lost, and links go down, for nobody else. It begins
 * with a loopback that is down, and ends with the program, whatever becomes of that.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** The device that leads to the other host, on both. */
const LINK = 'link0'
const ADDRESSES = { here: '10.99.0.1', there: '10.99.0.2' } as const

const packetsOf = /^\s*(\d+)\s+\d+\s.*\/\* (\S+) \*\//gm

/** A rule for packets that arrive, and how many it has met. */
export interface Rule {
  packets(): Promise<number>
  remove(): Promise<void>
}

let rules = 0

/** Adds a rule to packets that arrive here, those over the loopback included. It stays until removed. */
export function onArrival(...match: readonly string[]): Promise<Rule> {
  return addRule('INPUT', match)
}

/** Such a share of all packets over the loopback gets lost, both ways. */
export function loseOnLoopback(share: string): Promise<Rule> {
  const byChance = ['-m', 'statistic', '--mode', 'random', '--probability', share]
  return onArrival('-i', 'lo', '-p', 'tcp', ...byChance, '-j', 'DROP')
}

/** Whoever connects from here gets one of so many ports. */
export async function allowPorts(first: number, count: number): Promise<void> {
  const range = `${String(first)} ${String(first + count - 1)}`
  await writeFile('/proc/sys/net/ipv4/ip_local_port_range', range)
}

export async function loopbackUp(): Promise<void> {
  await run('ip', 'link', 'set', 'lo', 'up')
}

/** Another host, at the other end of a cable. */
export interface Host {
  /** What its program said first. */
  readonly said: string
  /** Pulls this end of the cable, or puts it back; then it carries packets again. */
  link(state: 'up' | 'down'): Promise<void>
  stop(): Promise<void>
}

/** Starts this program once more, with these arguments, on a host of its own, and waits for its first line. It is to end when its input does. */
export async function startHost(...args: readonly string[]): Promise<Host> {
  const [, program = ''] = process.argv
  const child = spawn('unshare', ['--net', process.execPath, ...process.execArgv, program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = String(child.pid)
  const there = (...args: string[]): Promise<string> =>
    run('nsenter', '--net', '--target', pid, 'ip', ...args)
  const here = (...args: string[]): Promise<string> => run('ip', ...args)
  // An end is told up to a second later that the other one is there; what is sent before is lost.
  const carriesBothWays = async (): Promise<void> => {
    for (const ip of [here, there])
      while (!(await ip('-oneline', 'link', 'show', LINK)).includes(' state UP ')) await wait(5)
  }
  await here('link', 'add', LINK, 'type', 'veth', 'peer', 'name', LINK, 'netns', pid)
  for (const [ip, address] of [
    [here, ADDRESSES.here],
    [there, ADDRESSES.there],
  ] as const) {
    await ip('address', 'add', `${address}/24`, 'dev', LINK)
    await ip('link', 'set', LINK, 'up')
  }
  await carriesBothWays()
  return {
    said: said.toString().trim(),
    link: async (state) => {
      await here('link', 'set', LINK, state)
      if (state === 'up') await carriesBothWays()
    },
    stop: async () => {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

/**
 * Makes another host unreachable: by pulling the cable (`link down`), or by a rule that refuses what leaves. What is returned undoes it, and says
 * how many packets the rule refused; none where there was no rule.
 */
export async function cutOff(host: Host, way: string): Promise<() => Promise<number>> {
  if (way === 'link down') {
    await host.link('down')
    return async () => {
      await host.link('up')
      return 0
    }
  }
  const refusal = ['-j', 'REJECT', '--reject-with', 'icmp-host-unreachable']
  const rule = await addRule('OUTPUT', ['-p', 'tcp', ...refusal])
  return async () => {
    const packets = await rule.packets()
    await rule.remove()
    return packets
  }
}

/** Makes a port of the loopback one of the host as others see it, and says where that is. */
export async function publish(port: number): Promise<string> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
  })
  server.listen(0, '0.0.0.0').unref()
  await once(server, 'listening')
  return `http://${ADDRESSES.there}:${String((server.address() as AddressInfo).port)}`
}

async function addRule(chain: 'INPUT' | 'OUTPUT', match: readonly string[]): Promise<Rule> {
  const name = `rule-${String(++rules)}`
  const rule = [...match, '-m', 'comment', '--comment', name]
  await run('iptables', '-A', chain, ...rule)
  return {
    packets: async () => {
      const listed = await run('iptables', '-nvxL', chain)
      const found = [...listed.matchAll(packetsOf)].find(([, , comment]) => comment === name)
      return Number(found?.[1])
    },
    remove: async () => void (await run('iptables', '-D', chain, ...rule)),
  }
}

function run(command: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`, { cause: error }))
    })
  })
}

/** The code of an error and those of its causes, from the outside in. */
export function codesOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code = 'code' in error ? String(error.code) : error.name
  return `${code} ${codesOf(error.cause)}`.trim()
}
