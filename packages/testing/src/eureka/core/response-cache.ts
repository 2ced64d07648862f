/**
 * The two pages that a server keeps of each answer. The first is dropped when something changes, and after its time; the
 * second, which clients read, is a copy that is renewed at a fixed interval only. That is why changes show up late.
 */

export interface PageKey {
  readonly entity: 'apps' | 'delta' | 'app' | 'vip' | 'svip'
  /** The application or VIP; empty for whole lists. */
  readonly name: string
  readonly format: 'json' | 'xml'
  readonly accept: 'full' | 'compact'
}

/** `body` is `undefined` where there is nothing: an application that nobody registered. */
export interface Page {
  readonly body: string | undefined
}

type Load = (key: PageKey) => Page

export class ResponseCache {
  private readonly fresh = new Map<string, { readonly page: Page; readonly loadedAt: number }>()
  private readonly copies = new Map<string, { readonly key: PageKey; page: Page }>()
  private readonly expiryMs: number
  private readonly hasCopies: boolean

  constructor({ expiryMs, hasCopies }: { readonly expiryMs: number; readonly hasCopies: boolean }) {
    this.expiryMs = expiryMs
    this.hasCopies = hasCopies
  }

  get(key: PageKey, now: number, load: Load): Page {
    if (!this.hasCopies) return this.read(key, now, load)
    const text = textOf(key)
    const copy = this.copies.get(text)
    if (copy !== undefined) return copy.page
    const page = this.read(key, now, load)
    this.copies.set(text, { key, page })
    return page
  }

  /** Renews every copy. */
  copy(now: number, load: Load): void {
    for (const copy of this.copies.values()) copy.page = this.read(copy.key, now, load)
  }

  /** Drops the pages that a change of an instance concerns. Compact pages of VIPs stay: no server drops them. */
  invalidate(app: string, vip: string | undefined, secureVip: string | undefined): void {
    for (const format of ['json', 'xml'] as const) {
      for (const accept of ['full', 'compact'] as const) {
        for (const entity of ['apps', 'delta'] as const) this.drop({ entity, name: '', format, accept })
        this.drop({ entity: 'app', name: app, format, accept })
      }
      if (vip !== undefined) this.drop({ entity: 'vip', name: vip, format, accept: 'full' })
      if (secureVip !== undefined) this.drop({ entity: 'svip', name: secureVip, format, accept: 'full' })
    }
  }

  private read(key: PageKey, now: number, load: Load): Page {
    const text = textOf(key)
    const found = this.fresh.get(text)
    if (found !== undefined && now - found.loadedAt < this.expiryMs) return found.page
    const page = load(key)
    this.fresh.set(text, { page, loadedAt: now })
    return page
  }

  private drop(key: PageKey): void {
    this.fresh.delete(textOf(key))
  }
}

function textOf({ entity, name, format, accept }: PageKey): string {
  return JSON.stringify([entity, name, format, accept])
}
