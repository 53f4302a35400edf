/** A drawing that stands alone: nothing in it refers to the page's styles. */
export interface Picture {
  /** An SVG document. */
  svg: string;
  /** In CSS pixels. */
  width: number;
  height: number;
}

const SVG = 'http://www.w3.org/2000/svg';
const PADDING = 16;
const GAP = 12;

/** Share of a line of text above its baseline; the common system fonts lie between 0.79 and 0.81. */
const ASCENT = 0.8;

/** What decides how a shape of an SVG looks, and may come from a style sheet. */
const SHAPE_LOOK = ['opacity', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-linecap'] as const;
const TEXT_LOOK = ['font-family', 'font-size', 'font-weight', 'text-anchor'] as const;

/**
 * Draws parts of the page one below the other as they are seen now, theme included: SVG stays SVG, with its computed styles
 * written out, a canvas becomes an image, and text, backgrounds and borders of HTML become text, rectangles and lines. What only serves the page
 * (`data-export="no"`, live regions, what is hidden from sight) is left out; what scrolls sideways is drawn whole.
 */
export function toPicture(parts: readonly Element[], title: string): Picture {
  const scrolled = parts.flatMap(findScrolled).map((element) => ({ element, left: element.scrollLeft }));
  for (const { element } of scrolled) element.scrollLeft = 0;
  const picture = drawParts(parts, title);
  for (const { element, left } of scrolled) element.scrollLeft = left;
  return picture;
}

function drawParts(parts: readonly Element[], title: string): Picture {
  const root = document.createElementNS(SVG, 'svg');
  const rects = parts.map((part) => {
    const { left, top, width, bottom } = part.getBoundingClientRect();
    const hidden = Math.max(0, ...findScrolled(part).map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
    return { left, top, width: width + hidden, height: Math.max(0, Math.min(bottom, findBottom(part)) - top) };
  });
  const width = Math.ceil(Math.max(0, ...rects.map((rect) => rect.width)) + 2 * PADDING);
  const height = Math.ceil(rects.reduce((sum, rect) => sum + rect.height, 2 * PADDING + GAP * (rects.length - 1)));
  setAttributes(root, { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
  append(root, 'title', {}).textContent = title;
  drawPaint(append(root, 'rect', { width, height }), 'fill', findBackground(parts[0]));
  let top = PADDING;
  parts.forEach((part, i) => {
    const rect = rects[i];
    if (rect === undefined) return;
    drawElement(part, root, { x: PADDING - rect.left, y: top - rect.top });
    top += rect.height + GAP;
  });
  return { svg: new XMLSerializer().serializeToString(root), width, height };
}

/** What is wider than its place and scrolls there. */
function findScrolled(part: Element): readonly Element[] {
  return [...part.querySelectorAll('*')].filter(
    (element) => element.scrollWidth > element.clientWidth && /auto|scroll/.test(getComputedStyle(element).overflowX),
  );
}

/** Where the drawn part of an element ends: what is left out at its foot takes no room in the picture. */
function findBottom(element: Element): number {
  if (isLeftOut(element, getComputedStyle(element))) return Number.NEGATIVE_INFINITY;
  const hasText = [...element.childNodes].some((node) => node instanceof Text && node.data.trim() !== '');
  if (element instanceof SVGSVGElement || hasText || element.children.length === 0) {
    return element.getBoundingClientRect().bottom;
  }
  return Math.max(...[...element.children].map(findBottom));
}

/** From the window's coordinates to the picture's. */
interface Shift {
  x: number;
  y: number;
}

function drawElement(element: Element, to: Element, shift: Shift): void {
  const style = getComputedStyle(element);
  if (isLeftOut(element, style)) return;
  if (element instanceof SVGSVGElement) {
    to.append(copySvg(element, shift));
    return;
  }
  drawBox(element, style, to, shift);
  if (element instanceof HTMLCanvasElement) {
    const { left, top, width, height } = element.getBoundingClientRect();
    const place = { x: left + shift.x, y: top + shift.y, width, height };
    append(to, 'image', { ...place, href: element.toDataURL() });
    return;
  }
  for (const node of element.childNodes) {
    if (node instanceof Text) drawText(node, style, to, shift);
    else if (node instanceof Element) drawElement(node, to, shift);
  }
}

function isLeftOut(element: Element, style: CSSStyleDeclaration): boolean {
  const isHidden = style.display === 'none' || style.visibility === 'hidden' || style.clipPath.startsWith('inset(50%');
  return isHidden || element.matches('[data-export="no"], [role="status"]');
}

function copySvg(original: SVGSVGElement, shift: Shift): Node {
  const copy = original.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) return copy;
  const copies = [copy, ...copy.querySelectorAll('*')];
  [original, ...original.querySelectorAll('*')].forEach((from, i) => {
    const to = copies[i];
    if (to !== undefined) writeOutLook(from, to);
  });
  const { left, top, width, height } = original.getBoundingClientRect();
  setAttributes(copy, { x: left + shift.x, y: top + shift.y, width, height, overflow: 'visible' });
  return copy;
}

function writeOutLook(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const { name } of [...to.attributes]) {
    if (/^(class|style|role|tabindex|focusable|aria-|data-)/.test(name)) to.removeAttribute(name);
  }
  for (const name of from instanceof SVGTextElement ? [...SHAPE_LOOK, ...TEXT_LOOK] : SHAPE_LOOK) {
    const value = style.getPropertyValue(name);
    if (value !== '') to.setAttribute(name, value);
  }
  drawPaint(to, 'fill', style.fill);
  drawPaint(to, 'stroke', style.stroke);
}

function drawBox(element: Element, style: CSSStyleDeclaration, to: Element, shift: Shift): void {
  const { left, top, width, height } = element.getBoundingClientRect();
  if (width === 0 || height === 0) return;
  const x = left + shift.x;
  const y = top + shift.y;
  const rx = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, height / 2);
  if (!isTransparent(style.backgroundColor)) {
    drawPaint(append(to, 'rect', { x, y, width, height, rx }), 'fill', style.backgroundColor);
  }
  const sides = [
    { name: 'top', x1: x, y1: y, x2: x + width, y2: y },
    { name: 'bottom', x1: x, y1: y + height, x2: x + width, y2: y + height },
    { name: 'left', x1: x, y1: y, x2: x, y2: y + height },
    { name: 'right', x1: x + width, y1: y, x2: x + width, y2: y + height },
  ].map(({ name, ...ends }) => ({ ends, ...readBorder(style, name) }));
  const drawn = sides.filter(({ look }) => look !== null);
  const isFrame = drawn.length === 4 && drawn.every(({ color }) => color === drawn[0]?.color);
  for (const { ends, look, color } of isFrame ? drawn.slice(0, 1) : drawn) {
    const line = isFrame
      ? append(to, 'rect', { x, y, width, height, rx, fill: 'none', ...look })
      : append(to, 'line', { ...ends, ...look });
    drawPaint(line, 'stroke', color);
  }
}

/** One side of a box; `look` is null where it has no border. */
function readBorder(style: CSSStyleDeclaration, side: string) {
  const color = style.getPropertyValue(`border-${side}-color`);
  const kind = style.getPropertyValue(`border-${side}-style`);
  const thickness = Number.parseFloat(style.getPropertyValue(`border-${side}-width`));
  if (kind === 'none' || kind === '' || !(thickness > 0) || isTransparent(color)) return { color, look: null };
  return { color, look: { 'stroke-width': thickness, ...(kind === 'dashed' ? { 'stroke-dasharray': '3 2' } : {}) } };
}

/** One text element per line that the browser has broken the text into. */
function drawText(node: Text, style: CSSStyleDeclaration, to: Element, shift: Shift): void {
  const lines: { start: number; end: number; rect: DOMRect }[] = [];
  const range = document.createRange();
  for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const rect = range.getClientRects()[0];
    if (rect === undefined) continue;
    const last = lines.at(-1);
    if (last !== undefined && Math.abs(last.rect.top - rect.top) < rect.height / 2) last.end = index + word.length;
    else lines.push({ start: index, end: index + word.length, rect });
  }
  for (const { start, end, rect } of lines) {
    const text = append(to, 'text', {
      x: rect.left + shift.x,
      y: rect.top + shift.y + ASCENT * rect.height,
      'font-family': style.fontFamily,
      'font-size': style.fontSize,
      'font-weight': style.fontWeight,
    });
    drawPaint(text, 'fill', style.color);
    text.textContent = node.data.slice(start, end).replace(/\s+/g, ' ');
  }
}

/** Opacity goes into an attribute of its own: not every program that reads SVG knows colours with alpha. */
function drawPaint(element: Element, name: 'fill' | 'stroke', color: string): void {
  const parts = /^rgba\((.+),\s*([\d.]+)\)$/.exec(color);
  element.setAttribute(name, parts === null ? color || 'none' : `rgb(${parts[1]})`);
  if (parts !== null) element.setAttribute(`${name}-opacity`, parts[2] ?? '1');
}

/** The first colour behind an element that can be seen. */
function findBackground(element: Element | undefined): string {
  for (let each: Element | null = element ?? null; each !== null; each = each.parentElement) {
    const { backgroundColor } = getComputedStyle(each);
    if (!isTransparent(backgroundColor)) return backgroundColor;
  }
  return 'white';
}

function isTransparent(color: string): boolean {
  return color === '' || color === 'transparent' || /^rgba\(.+,\s*0\)$/.test(color);
}

function append(to: Element, name: string, attributes: Record<string, string | number>): Element {
  const element = document.createElementNS(SVG, name);
  setAttributes(element, attributes);
  to.append(element);
  return element;
}

function setAttributes(element: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, typeof value === 'number' ? String(Number(value.toFixed(2))) : value);
  }
}
