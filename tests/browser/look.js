// Questions of the browser tests. The page itself runs no script; these are put to it from outside.
var nameOf = (element) => element.textContent.replace(/\s+/g, ' ').trim();
var namesOf = (selector) => [...document.querySelectorAll(selector)].map(nameOf);
var colour = (text) => {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return numbers.length > 3 ? numbers : [...numbers, 1];
};
// WCAG 2.2, relative luminance and contrast ratio.
var luminance = (rgb) => {
  const part = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const [red, green, blue] = rgb.slice(0, 3).map(part);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
var ratio = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
var behind = (element) => {
  for (; element; element = element.parentElement) {
    const found = colour(getComputedStyle(element).backgroundColor);
    if (found[3] === 1) return found;
  }
  return [255, 255, 255, 1];
};
var called = (element) => element.tagName + '.' + element.className;
var contrasts = () => {
  const hasText = (element) => [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const texts = [...document.querySelectorAll('body *')].filter(hasText);
  const edges = [...document.querySelectorAll('button, a.button')];
  return {
    texts: texts.map((e) => [called(e), ratio(colour(getComputedStyle(e).color), behind(e))]),
    edges: edges.map((e) => [
      called(e), ratio(colour(getComputedStyle(e).borderTopColor), behind(e.parentElement)),
    ]),
  };
};
var focused = () => {
  const style = getComputedStyle(document.activeElement);
  return {
    name: nameOf(document.activeElement),
    outline: style.outlineStyle,
    width: parseFloat(style.outlineWidth),
  };
};
var sizes = () => [...document.querySelectorAll('button, a')].map((element) => {
  const box = element.getBoundingClientRect();
  return [nameOf(element), box.width, box.height];
});
