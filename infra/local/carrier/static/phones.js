// The phones page. Every text from a message is set as text, never as markup.

const REFRESH_MS = 2000;
const LIST_LIMIT = 100;
const TYPE_NAMES = { SMS: "SMS", LMS: "LMS", MMS: "MMS", ATA: "알림톡" };
const STATE_NAMES = { PENDING: "접수됨", SENDING: "전송 중", COMPLETE: "받음", FAILED: "받지 못함" };
const TOTALS = [
  ["accepted", "접수"],
  ["delivered", "수신"],
  ["failed", "실패"],
  ["in_flight", "진행 중"],
  ["refused", "거절"],
];
const LINK = /https?:\/\/[^\s<>"'()[\]{}]+/g;
const TRAILING = /[.,;:!?…]+$/;

const byId = (id) => document.getElementById(id);
const page = {
  main: byId("main"), totals: byId("totals"), search: byId("search"), phones: byId("phones"),
  listNote: byId("list-note"), nothing: byId("nothing"), handset: byId("handset"),
  number: byId("number"), tally: byId("tally"), bubbles: byId("bubbles"), back: byId("back"),
  stop: byId("stop"), call: byId("call"), reply: byId("reply"), replyText: byId("reply-text"), replyNote: byId("reply-note"),
};
const shown = { number: null, list: "", phone: "", refreshing: false };

function make(tag, { className, text, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(Boolean));
  return element;
}

function pretty(number) {
  const mobile = /^(01\d)(\d{3,4})(\d{4})$/.exec(number);
  if (mobile) return mobile.slice(1).join("-");
  const seoul = /^(02)(\d{3,4})(\d{4})$/.exec(number) ?? /^(0\d{2})(\d{3,4})(\d{4})$/.exec(number);
  return seoul ? seoul.slice(1).join("-") : number;
}

const KOREA = "Asia/Seoul";
const asClock = new Intl.DateTimeFormat("ko-KR", { timeZone: KOREA, hour: "numeric", minute: "2-digit", second: "2-digit" });
const asDay = new Intl.DateTimeFormat("ko-KR", { timeZone: KOREA, dateStyle: "long" });
const clock = (stamp) => asClock.format(new Date(stamp));
const day = (stamp) => asDay.format(new Date(stamp));

function link(address, label) {
  return make("a", { text: label, href: address, target: "_blank", rel: "noopener noreferrer nofollow" });
}

function isWeb(address) {
  return /^https?:\/\//i.test(address);
}

function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(TRAILING, "");
    parts.push(text.slice(end, match.index), link(address, address));
    end = match.index + address.length;
  }
  parts.push(text.slice(end));
  return parts;
}

async function ask(path, body) {
  const options = body && {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.errorMessage ?? response.statusText);
  return answer;
}

function phoneLine(phone) {
  const count = phone.received || (phone.messages ? "미수신" : "");
  const line = make("button", { className: "phone", type: "button", "data-number": phone.number },
    make("span", { className: "who", text: pretty(phone.number) }),
    make("time", { className: "when", text: clock(phone.lastAt), datetime: phone.lastAt }),
    make("span", { className: "preview", text: phone.lastText.replaceAll("\n", " ") }),
    make("span", { className: phone.received ? "count" : "count none", text: count }));
  line.setAttribute("aria-current", String(phone.number === shown.number));
  return make("li", {}, line);
}

function drawList(answer) {
  const state = JSON.stringify([answer, shown.number]);
  if (state === shown.list) return;
  shown.list = state;
  const focused = document.activeElement?.dataset?.number;
  page.phones.replaceChildren(...answer.items.map(phoneLine));
  if (focused) page.phones.querySelector(`[data-number="${focused}"]`)?.focus();
  const searching = page.search.value.trim() !== "";
  page.listNote.textContent = answer.items.length
    ? `번호 ${answer.total.toLocaleString("ko-KR")}개 중 ${answer.items.length.toLocaleString("ko-KR")}개 표시`
    : searching ? "맞는 번호가 없습니다." : "아직 받은 번호가 없습니다.";
}

function bubbleButton(button) {
  return isWeb(button.linkMo)
    ? link(button.linkMo, button.buttonName)
    : make("span", { text: button.buttonName });
}

function refuseButton(message) {
  if (message.type === "ATA" || message.state !== "COMPLETE" || !message.from) return null;
  if (message.denied) return make("span", { className: "note", text: "080 거부됨" });
  const button = make("button", { className: "refuse", type: "button", text: "080 수신거부" });
  button.addEventListener("click", async () => {
    await ask("/_sim/denials", { sender: message.from, recipient: message.to });
    await refresh();
  });
  return button;
}

function received(message) {
  const arrived = message.state === "COMPLETE";
  const body = make("div", { className: `body ${message.type}` },
    message.image && make("img", { className: "picture", src: message.image, alt: "첨부 이미지" }),
    message.subject && make("p", { className: "subject", text: message.subject }),
    make("p", { className: "text" }, ...withLinks(message.text)),
    message.buttons.length > 0 && make("div", { className: "buttons" }, ...message.buttons.map(bubbleButton)));
  const failed = message.state === "FAILED" ? ` · ${message.statusCode} ${message.stateText}` : "";
  return make("div", { className: arrived ? "bubble" : "bubble undelivered" },
    make("div", { className: "head" },
      make("span", { className: `badge ${message.type}`, text: TYPE_NAMES[message.type] ?? message.type }),
      make("span", { text: message.type === "ATA" ? "카카오톡 채널" : pretty(message.from) }),
      message.replacement && make("span", { text: "대체 발송" }),
      make("time", { text: clock(message.at), datetime: message.at })),
    body,
    make("div", { className: "foot" },
      make("span", { className: message.state, text: STATE_NAMES[message.state] + failed }),
      refuseButton(message)));
}

function sent(message) {
  return make("div", { className: "bubble mine" },
    make("div", { className: "body" }, make("p", { className: "text" }, ...withLinks(message.text))),
    make("div", { className: "foot" },
      make("span", { text: `→ ${pretty(message.to)}` }),
      make("time", { text: clock(message.at), datetime: message.at })));
}

function inOrder(phone) {
  const bubbles = [
    ...phone.bubbles.map((one) => ({ ...one, at: one.receivedAt ?? one.acceptedAt, draw: received })),
    ...phone.sent.map((one) => ({ ...one, at: one.dateReceived, draw: sent })),
  ];
  return bubbles.sort((one, other) => one.at.localeCompare(other.at));
}

function drawPhone(phone) {
  const state = JSON.stringify(phone);
  if (state === shown.phone) return;
  const box = page.bubbles;
  const atEnd = shown.phone === "" || box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  shown.phone = state;
  page.number.textContent = pretty(phone.number);
  page.tally.textContent = `메시지 ${phone.messages}건 · 수신 ${phone.received}건 · 답장 ${phone.replies}건`;
  page.call.hidden = !phone.freeNumber;
  page.call.textContent = `${pretty(phone.freeNumber ?? "")}(으)로 수신거부 전화`;
  let last = "";
  box.replaceChildren(...inOrder(phone).flatMap((one) => {
    const date = day(one.at);
    const parts = date === last ? [] : [make("p", { className: "day", text: date })];
    last = date;
    return [...parts, one.draw(one)];
  }));
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function drawTotals(counters) {
  page.totals.replaceChildren(...TOTALS.map(([name, label]) => make("div", {},
    make("dt", { text: label }), make("dd", { text: counters[name].toLocaleString("ko-KR") }))));
}

async function open(number) {
  shown.number = number;
  shown.phone = "";
  page.replyNote.textContent = "";
  page.main.classList.toggle("open", number !== null);
  page.handset.hidden = number === null;
  page.nothing.hidden = number !== null;
  history.replaceState(null, "", number === null ? "#" : `#${number}`);
  await refresh();
}

async function load() {
  const search = encodeURIComponent(page.search.value);
  drawTotals(await ask("/_sim/counters"));
  drawList(await ask(`/_sim/phones?limit=${LIST_LIMIT}&search=${search}`));
  const wanted = shown.number;
  if (wanted === null) return;
  const phone = await ask(`/_sim/phones/${wanted}`);
  if (wanted === shown.number) drawPhone(phone);
}

async function refresh() {
  if (shown.refreshing) {
    shown.again = true;
    return;
  }
  shown.refreshing = true;
  try {
    do {
      shown.again = false;
      await load();
    } while (shown.again);
  } catch (error) {
    page.listNote.textContent = `불러오지 못했습니다: ${error.message}`;
  } finally {
    shown.refreshing = false;
  }
}

page.phones.addEventListener("click", (event) => {
  const line = event.target.closest("[data-number]");
  if (line) open(line.dataset.number);
});
page.search.addEventListener("input", refresh);
page.back.addEventListener("click", () => open(null));
async function answer(action, body, done) {
  if (shown.number === null) return;
  try {
    const said = await ask(`/_sim/phones/${shown.number}/${action}`, body);
    page.replyNote.textContent = done(said);
  } catch (error) {
    page.replyNote.textContent = `보내지 못했습니다: ${error.message}`;
  }
  await refresh();
}

page.stop.addEventListener("click", () => answer("reply", { text: "수신거부" }, () => ""));
page.call.addEventListener("click", () => answer("call", {},
  (call) => `${pretty(call.to)}에 전화해 발신번호 ${call.refused.length}개를 수신거부했습니다.`));
page.reply.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = page.replyText.value.trim();
  if (!text) return;
  await answer("reply", { text }, () => {
    page.replyText.value = "";
    return "";
  });
});
setInterval(() => { if (!document.hidden) refresh(); }, REFRESH_MS);

const linked = location.hash.slice(1);
open(/^\d{4,15}$/.test(linked) ? linked : null);
