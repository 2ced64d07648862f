/** Turns objects of the wire into text. */
import type { Format } from './negotiate.js'
import type { Flavour } from './router.js'
import type { Render } from './server-state.js'
import { withEmptyMark } from './wire.js'
import type { WireObject } from './wire.js'
import { toXml } from './xml.js'

/** One object, under its name. */
export function renderOne(root: string, content: WireObject, format: Format): string {
  return format === 'json' ? JSON.stringify({ [root]: content }) : toXml(root, content)
}

/** The pages of a server of this flavour. */
export function pageRenderer(flavour: Flavour): Render {
  return (root, content, { format, accept }) => {
    const isMarked = flavour === 'spring' && accept === 'compact' && root === 'applications'
    return renderOne(root, isMarked ? withEmptyMark(content) : content, format)
  }
}
