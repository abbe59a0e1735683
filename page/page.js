// The page of a daemon: numbers, plots of the last hour and the live sessions, asked for every two seconds. Names come from clients: they
// only ever become text (textContent), never markup.
const PERIOD_MS = 2000;
const MAX_ROWS = 200;
const COLUMNS = ['id', 'client', 'user', 'command', 'dest', 'seconds', 'up', 'down'];
const NUMERIC = new Set(['id', 'seconds', 'up', 'down']);

const $ = (id) => document.getElementById(id);
const state = { sort: 'down', descending: true, last: undefined, best: Infinity };

function bytes(amount) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let left = amount;
  for (; left >= 1000 && at < units.length - 1; at++) left /= 1000;
  return `${at === 0 ? Math.round(left) : left.toFixed(left < 10 ? 1 : 0)} ${units[at]}`;
}

function seconds(amount) {
  if (amount < 120) return `${Math.round(amount)} s`;
  return amount < 7200 ? `${Math.round(amount / 60)} min` : `${Math.round(amount / 3600)} h`;
}

/** Reuses what is there: an update changes texts, and makes few elements. */
function fill(parent, tag, rows, write) {
  while (parent.children.length > rows.length) parent.lastElementChild.remove();
  while (parent.children.length < rows.length) parent.append(document.createElement(tag));
  rows.forEach((row, at) => write(parent.children[at], row));
}

function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

function cells(row, values) {
  fill(row, 'td', values, (cell, value) => text(cell, value));
}

function showNumbers({ status, rates, counts }) {
  const facts = [
    ['Sessions', `${status.live}`, `${status.handshakes} in the handshake`],
    ['Bytes a second', bytes(rates.up + rates.down), `${bytes(rates.up)} up, ${bytes(rates.down)} down`],
    ['Connections a second', rates.accepted.toFixed(1), `${status.totals.accepted} since the start`],
    ['Refused', `${status.totals.refused}`, `${status.totals.turnedAway} turned away`],
    ['Failed logins', `${status.totals.loginsFailed}`, `${status.bans} banned now`],
    [
      'Memory',
      bytes(status.memoryBytes ?? 0),
      `${status.descriptors ?? '?'} of ${status.descriptorLimit ?? '?'} descriptors`,
    ],
  ];
  fill($('facts'), 'div', facts, (box, [name, value, more]) => {
    fill(box, 'p', [name, value, more], (line, words) => text(line, words));
  });
  const about = `${status.state}, up ${seconds(status.uptimeSeconds)}, ${status.release} (${status.transport}), `;
  text($('about'), `${about}${status.listen.join(' ')}; configuration of ${counts.configuredAt}`);
  fill($('causes'), 'tr', counts.refused, (row, { word, count }) => cells(row, [word, `${count}`]));
  fill($('ways'), 'tr', status.ways ?? [], (row, way) => cells(row, [way.via, way.state, `${way.sessions}`]));
  fill($('workers'), 'tr', status.workers ?? [], (row, { worker, pid, live, memoryBytes }) => {
    const process = pid === undefined ? 'being replaced' : `pid ${pid}`;
    cells(row, [`worker ${worker}`, process, `${live} sessions`, bytes(memoryBytes ?? 0)]);
  });
  fill($('bans'), 'tr', counts.bans, (row, ban) =>
    cells(row, [ban.kind, ban.name, seconds(ban.secondsLeft)]),
  );
  for (const id of ['causes', 'ways', 'workers', 'bans'])
    $(id).closest('section').hidden = $(id).children.length === 0;
}

function compare(one, other) {
  const [a, b] = [one[state.sort], other[state.sort]];
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return (a < b ? -1 : 1) * (state.descending ? -1 : 1);
}

function showSessions({ sessions, matching }) {
  const wanted = $('filter').value.toLowerCase();
  const fits = (session) =>
    ['client', 'user', 'userid', 'dest'].some((name) => session[name]?.toLowerCase().includes(wanted));
  const found = wanted === '' ? sessions.slice() : sessions.filter(fits);
  found.sort(compare);
  fill($('rows'), 'tr', found.slice(0, MAX_ROWS), (row, session) => {
    cells(
      row,
      COLUMNS.map((name) => cellOf(session, name)),
    );
  });
  const shown = Math.min(found.length, MAX_ROWS);
  text($('shown'), `${shown} of ${found.length} shown, ${matching} live`);
}

function cellOf(session, name) {
  if (name === 'user') return session.user ?? (session.userid === undefined ? '' : `(${session.userid})`);
  if (name === 'seconds') return seconds(session.seconds);
  if (name === 'up' || name === 'down') return bytes(session[name]);
  return session[name] === undefined ? '' : `${session[name]}`;
}

const plots = [];

/** Asked for with each drawing: the browser may go over to the dark at dusk. */
const colour = (variable) => () => getComputedStyle(document.body).getPropertyValue(variable);

function startPlots() {
  const faint = colour('--line');
  const axis = { stroke: colour('--ink'), grid: { stroke: faint, width: 1 }, ticks: { stroke: faint } };
  const plot = (id, names, format) => {
    const series = names.map(([label, variable]) => ({
      label,
      stroke: colour(variable),
      width: 2,
      value: (_self, value) => (value === null ? '' : format(value)),
    }));
    const axes = [axis, { ...axis, size: 70, values: (_self, values) => values.map(format) }];
    const size = { width: $(id).clientWidth, height: 180 };
    const made = new uPlot(
      { ...size, series: [{}, ...series], axes, cursor: { y: false } },
      names.map(() => []),
      $(id),
    );
    plots.push({ id, made });
  };
  plot('plot-sessions', [['sessions', '--one']], (value) => (Number.isInteger(value) ? `${value}` : ''));
  plot(
    'plot-bytes',
    [
      ['up', '--one'],
      ['down', '--two'],
    ],
    bytes,
  );
  plot(
    'plot-accepted',
    [
      ['accepted', '--one'],
      ['refused', '--two'],
    ],
    (value) => value.toFixed(1),
  );
}

function showPlots({ history }) {
  const { at, sessions, up, down, accepted, refused } = history;
  const data = [
    [at, sessions],
    [at, up, down],
    [at, accepted, refused],
  ];
  plots.forEach(({ made }, which) => made.setData(data[which]));
}

function show(json) {
  const began = performance.now();
  const picture = JSON.parse(json);
  state.last = picture;
  showNumbers(picture);
  showSessions(picture);
  showPlots(picture);
  const took = performance.now() - began;
  state.best = Math.min(state.best, took);
  Object.assign(document.documentElement.dataset, {
    updateMs: took.toFixed(1),
    bestMs: state.best.toFixed(1),
  });
}

async function update() {
  try {
    const answer = await fetch('page.json', { cache: 'no-store' });
    if (!answer.ok) throw new Error(`${answer.status}`);
    show(await answer.text());
    $('trouble').hidden = true;
  } catch {
    $('trouble').hidden = false;
  }
}

function listen() {
  for (const title of document.querySelectorAll('th[data-key]'))
    title.querySelector('button').addEventListener('click', () => {
      const { key } = title.dataset;
      state.descending = state.sort === key ? !state.descending : NUMERIC.has(key);
      state.sort = key;
      for (const each of document.querySelectorAll('th[data-key]')) each.removeAttribute('aria-sort');
      title.setAttribute('aria-sort', state.descending ? 'descending' : 'ascending');
      if (state.last !== undefined) showSessions(state.last);
    });
  $('filter').addEventListener('input', () => state.last !== undefined && showSessions(state.last));
  addEventListener('resize', () => {
    for (const { id, made } of plots) made.setSize({ width: $(id).clientWidth, height: 180 });
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    // A legend keeps the colours that it was made with.
    for (const { made } of plots.splice(0)) made.destroy();
    startPlots();
    if (state.last !== undefined) showPlots(state.last);
  });
}

document.documentElement.classList.add('live');
startPlots();
listen();
void update();
setInterval(() => document.hidden || void update(), PERIOD_MS);
