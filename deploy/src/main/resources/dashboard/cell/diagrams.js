// The cells as diagrams, each one declaration: what stands where, which line leads where and which signal it carries. The
// notation is that of Olah, "Understanding LSTM networks", 2015: a box is a layer with weights, a circle a pointwise
// operation, lines carry whole vectors, merge (concatenation) and fork (copy). Signals are those of docs/bundle.md.
//
// node  {id, kind: 'layer' | 'op' | 'port', at: [x, y], text, signal?, range?, name?, wide?, tone?}
//       range: 'share' for 0..1, 'sign' for -1..1; else as the values are
// line  {path: [...], signal?, role?, arrow?, dashed?}
//       a point of a path is [x, y], or 'id.t', 'id.r', 'id.b', 'id.l' for a side of a node
//       role: 'memory' what is carried on, 'written' what is added, 'shown' what leaves; gates and copies have none

const layer = (id, x, y, text, signal, range, more = {}) => ({ id, kind: 'layer', at: [x, y], text, signal, range, ...more });
const op = (id, x, y, text, signal, more = {}) => ({ id, kind: 'op', at: [x, y], text, signal, ...more });
const port = (id, x, y, text, signal, tone) => ({ id, kind: 'port', at: [x, y], text, signal, tone });
const line = (path, signal, role, more = {}) => ({ path, signal, role, ...more });
const arrow = (path, signal, role, more = {}) => ({ path, signal, role, arrow: true, ...more });
const label = (x, y, text, anchor = 'middle') => ({ at: [x, y], text, anchor });

const GATES = 198;
const HIDDEN = 268;
const MEMORY = 92;

/** The line of [h, x] at the foot of a cell, with a branch up to each box. */
function concatenation(boxes, y = HIDDEN, from = 14) {
  const last = Math.max(...boxes.map(({ at }) => at[0]));
  return [
    line([[from, y], [last, y], `${boxes.find(({ at }) => at[0] === last).id}.b`], 'hidden-before', undefined, { thin: true }),
    line(['x.t', [88, y], [108, y]], 'x', undefined, { thin: true }),
    ...boxes.filter(({ at }) => at[0] !== last).map((box) => line([[box.at[0] - 16, y], [box.at[0], y], `${box.id}.b`])),
  ];
}

function lstm({ peepholes = false, coupled = false, depth = false }) {
  const x = depth ? { o: 506, out: 588, up: 652, end: 690, width: 740 } : { o: 408, out: 492, up: 552, end: 590, width: 640 };
  const boxes = [
    layer('f', 140, GATES, 'σ', 'forget', 'share', { name: 'f' }),
    ...(coupled ? [] : [layer('i', 230, GATES, 'σ', 'input', 'share', { name: 'i' })]),
    layer('g', 318, GATES, 'tanh', 'candidate', 'sign', { name: 'c̃' }),
    layer('o', x.o, GATES, 'σ', 'output', 'share', { name: 'o' }),
  ];
  const lift = depth ? [
    layer('d', 412, GATES, 'σ', 'depth', 'share', { name: 'd' }), op('lift', 412, 134, '×', 'lifted'), op('add2', 412, MEMORY, '+', 'cell'),
    port('below', 364, 330, 'cᴸ', 'cell-below', 'memory'),
  ] : [];
  return {
    size: [x.width, 350],
    body: [50, 44, x.end - 50, 252],
    nodes: [
      ...boxes, ...lift,
      op('forgets', 140, MEMORY, '×', 'kept'),
      op('writes', 318, 134, '×', 'written'),
      op('add', 318, MEMORY, '+', depth ? undefined : 'cell'),
      op('squash', x.out, 122, 'tanh', 'squashed', { wide: true }),
      op('shows', x.out, 160, '×', 'hidden'),
      ...(coupled ? [op('rest', 230, 134, '1−', 'input')] : []),
      port('x', 88, 330, 'xₜ', 'x'),
      port('h', x.up, 20, 'hₜ', 'hidden', 'shown'),
    ],
    lines: [
      line([[14, MEMORY], 'forgets.l'], 'cell-before', 'memory'),
      arrow(['forgets.r', 'add.l'], 'kept', 'memory'),
      ...(depth ? [arrow(['add.r', 'add2.l'], undefined, 'memory'), arrow(['add2.r', [x.width - 10, MEMORY]], 'cell', 'memory')]
        : [arrow(['add.r', [x.width - 10, MEMORY]], 'cell', 'memory')]),
      arrow(['f.t', 'forgets.b'], 'forget'),
      ...(coupled
        ? [arrow([[140, 134], 'rest.l'], 'forget'), arrow(['rest.r', 'writes.l'], 'input')]
        : [arrow(['i.t', [230, 134], 'writes.l'], 'input')]),
      arrow(['g.t', 'writes.b'], 'candidate'),
      arrow(['writes.t', 'add.b'], 'written', 'written'),
      arrow([[x.out, MEMORY], 'squash.t'], 'cell'),
      line(['squash.b', 'shows.t'], 'squashed'),
      arrow(['o.t', [x.o, 160], 'shows.l'], 'output'),
      arrow(['shows.b', [x.out, HIDDEN], [x.width - 10, HIDDEN]], 'hidden', 'shown'),
      line([[x.up, HIDDEN], [x.up, MEMORY + 9]], 'hidden', 'shown'),
      arrow([[x.up, MEMORY - 9], 'h.b'], 'hidden', 'shown'),
      ...concatenation(boxes),
      ...(depth ? [
        line(['below.t', [364, 134], 'lift.l'], 'cell-below', 'memory'),
        arrow(['d.t', 'lift.b'], 'depth'), arrow(['lift.t', 'add2.b'], 'lifted', 'written'),
        line([[88, 300], [88, 286], [412, 286], 'd.b'], 'x', undefined, { thin: true }),
      ] : []),
      ...(peepholes ? [
        line([[72, MEMORY], [72, 152], [156, 152], [156, 168]], 'cell-before', undefined, { dashed: true }),
        line([[156, 152], [246, 152], [246, 168]], 'cell-before', undefined, { dashed: true }),
        line([[x.o + 22, MEMORY], [x.o + 22, 168]], 'cell', undefined, { dashed: true }),
      ] : []),
      ...(depth ? [line([[246, 152], [428, 152], [428, 168]], 'cell-before', undefined, { dashed: true })] : []),
    ],
    labels: [
      label(14, MEMORY - 12, 'cₜ₋₁'), label(x.width - 22, MEMORY - 12, 'cₜ'),
      label(14, HIDDEN - 12, 'hₜ₋₁'), label(x.width - 22, HIDDEN - 12, 'hₜ'),
    ],
  };
}

const LSTM = {
  title: 'Long short-term memory',
  equations: ['fₜ = σ(W_f [hₜ₋₁, xₜ] + b_f)', 'iₜ = σ(W_i [hₜ₋₁, xₜ] + b_i)', 'c̃ₜ = tanh(W_c [hₜ₋₁, xₜ] + b_c)',
    'oₜ = σ(W_o [hₜ₋₁, xₜ] + b_o)', 'cₜ = fₜ ∘ cₜ₋₁ + iₜ ∘ c̃ₜ', 'hₜ = oₜ ∘ tanh(cₜ)'],
  memories: [{ before: 'cell-before', kept: 'kept', written: ['written'], after: 'cell', shown: 'hidden' }],
  diagrams: [lstm({})],
};

const PEEPHOLES = ['fₜ = σ(W_f [hₜ₋₁, xₜ] + w_cf ∘ cₜ₋₁ + b_f)', 'iₜ = σ(W_i [hₜ₋₁, xₜ] + w_ci ∘ cₜ₋₁ + b_i)',
  'c̃ₜ = tanh(W_c [hₜ₋₁, xₜ] + b_c)', 'cₜ = fₜ ∘ cₜ₋₁ + iₜ ∘ c̃ₜ', 'oₜ = σ(W_o [hₜ₋₁, xₜ] + w_co ∘ cₜ + b_o)', 'hₜ = oₜ ∘ tanh(cₜ)'];

/** What an update gate does to one hidden line: the tail that the gated units share. */
const GATED = {
  port: port('h', 552, 20, 'hₜ', 'hidden', 'shown'),
  lines: (add) => [
    arrow([`${add}.r`, [630, MEMORY]], 'hidden', 'memory'),
    arrow([[552, MEMORY], 'h.b'], 'hidden', 'shown'),
  ],
  labels: [label(14, MEMORY - 12, 'hₜ₋₁'), label(618, MEMORY - 12, 'hₜ')],
};

function gru(input = port('x', 120, 340, 'xₜ', 'x')) {
  const y = 264;
  const candidates = 288;
  return {
    size: [640, 360],
    body: [50, 44, 540, 264],
    nodes: [
      layer('r', 172, GATES, 'σ', 'reset', 'share', { name: 'r' }),
      layer('z', 306, GATES, 'σ', 'update', 'share', { name: 'z' }),
      layer('g', 436, GATES, 'tanh', 'candidate', 'sign', { name: 'h̃' }),
      op('resets', 172, 138, '×', 'remembered'),
      op('keeps', 306, MEMORY, '×', 'kept'),
      op('rest', 370, 138, '1−'),
      op('writes', 436, 138, '×', 'written'),
      op('add', 436, MEMORY, '+', 'hidden'),
      input, GATED.port,
    ],
    lines: [
      line([[14, MEMORY], 'keeps.l'], 'hidden-before', 'memory'),
      arrow(['keeps.r', 'add.l'], 'kept', 'memory'),
      arrow([[106, MEMORY], [106, 138], 'resets.l'], 'hidden-before'),
      arrow(['r.t', 'resets.b'], 'reset'),
      line(['resets.r', [238, 138], [238, candidates], [258, candidates]], 'remembered'),
      arrow(['z.t', 'keeps.b'], 'update'),
      arrow([[306, 138], 'rest.l'], 'update'), arrow(['rest.r', 'writes.l'], 'update'),
      arrow(['g.t', 'writes.b'], 'candidate'),
      arrow(['writes.t', 'add.b'], 'written', 'written'),
      line([[80, MEMORY], [80, y], [306, y], 'z.b'], 'hidden-before', undefined, { thin: true }),
      line([[156, y], [172, y], 'r.b']),
      line([`${input.id}.t`, [120, y], [140, y]], input.signal, undefined, { thin: true }),
      line([[120, candidates + 16], [120, candidates], [436, candidates], 'g.b'], input.signal, undefined, { thin: true }),
      ...GATED.lines('add'),
    ],
    labels: GATED.labels,
  };
}

const RECURRENCE = ['rₜ = σ(W_r [xₜ, hₜ₋₁] + b_r)', 'zₜ = σ(W_z [xₜ, hₜ₋₁] + b_z)', 'h̃ₜ = tanh(W [xₜ, rₜ ∘ hₜ₋₁] + b)',
  'hₜ = zₜ ∘ hₜ₋₁ + (1 − zₜ) ∘ h̃ₜ'];
const HIDDEN_MEMORY = [{ before: 'hidden-before', kept: 'kept', written: ['written'], after: 'hidden' }];

function mgu() {
  const candidates = 288;
  return {
    size: [640, 360],
    body: [50, 44, 540, 264],
    nodes: [
      layer('f', 150, 210, 'σ', 'forget', 'share', { name: 'f' }),
      layer('g', 452, 210, 'tanh', 'candidate', 'sign', { name: 'h̃' }),
      op('gates', 236, 158, '×', 'remembered'),
      op('rest', 310, 126, '1−'),
      op('keeps', 366, MEMORY, '×', 'kept'),
      op('writes', 452, 150, '×', 'written'),
      op('add', 452, MEMORY, '+', 'hidden'),
      port('x', 120, 340, 'xₜ', 'x'), GATED.port,
    ],
    lines: [
      line([[14, MEMORY], 'keeps.l'], 'hidden-before', 'memory'),
      arrow(['keeps.r', 'add.l'], 'kept', 'memory'),
      arrow([[236, MEMORY], 'gates.t'], 'hidden-before'),
      arrow(['f.t', [150, 158], 'gates.l'], 'forget'),
      line(['gates.b', [236, candidates], [256, candidates]], 'remembered'),
      arrow([[150, 158], [150, 126], 'rest.l'], 'forget'),
      arrow(['rest.r', [366, 126], 'keeps.b'], 'forget'),
      arrow(['f.r', [384, 210], [384, 150], 'writes.l'], 'forget'),
      arrow(['g.t', 'writes.b'], 'candidate'),
      arrow(['writes.t', 'add.b'], 'written', 'written'),
      line([[80, MEMORY], [80, 264], [150, 264], 'f.b'], 'hidden-before', undefined, { thin: true }),
      line(['x.t', [120, 264], [136, 264]], 'x', undefined, { thin: true }),
      line([[120, candidates + 16], [120, candidates], [452, candidates], 'g.b'], 'x', undefined, { thin: true }),
      ...GATED.lines('add'),
    ],
    labels: GATED.labels,
  };
}

function minGru() {
  return {
    size: [640, 350],
    body: [50, 44, 540, 252],
    nodes: [
      layer('z', 230, 218, 'σ', 'update', 'share', { name: 'z' }),
      layer('g', 404, 218, 'W', 'candidate', undefined, { name: 'h̃' }),
      op('keeps', 230, MEMORY, '×', 'kept'),
      op('rest', 230, 130, '1−'),
      op('writes', 404, 162, '×', 'written'),
      op('add', 404, MEMORY, '+', 'hidden'),
      port('x', 120, 330, 'xₜ', 'x'), GATED.port,
    ],
    lines: [
      line([[14, MEMORY], 'keeps.l'], 'hidden-before', 'memory'),
      arrow(['keeps.r', 'add.l'], 'kept', 'memory'),
      arrow(['z.t', 'rest.b'], 'update'), arrow(['rest.t', 'keeps.b'], 'update'),
      arrow([[230, 162], 'writes.l'], 'update'),
      arrow(['g.t', 'writes.b'], 'candidate'),
      arrow(['writes.t', 'add.b'], 'written', 'written'),
      line(['x.t', [120, 274], [404, 274], 'g.b'], 'x', undefined, { thin: true }),
      line([[214, 274], [230, 274], 'z.b']),
      ...GATED.lines('add'),
    ],
    labels: GATED.labels,
  };
}

function minLstm() {
  return {
    size: [640, 350],
    body: [50, 44, 540, 252],
    nodes: [
      layer('f', 160, 218, 'σ', 'forget', 'share', { name: 'f' }),
      layer('i', 268, 218, 'σ', 'input', 'share', { name: 'i' }),
      layer('g', 430, 218, 'W', 'candidate', undefined, { name: 'h̃' }),
      op('shares', 214, 150, '÷ sum', 'forget-share', { wide: true }),
      op('keeps', 214, MEMORY, '×', 'kept'),
      op('writes', 430, 150, '×', 'written'),
      op('add', 430, MEMORY, '+', 'hidden'),
      port('x', 120, 330, 'xₜ', 'x'), GATED.port,
    ],
    lines: [
      line([[14, MEMORY], 'keeps.l'], 'hidden-before', 'memory'),
      arrow(['keeps.r', 'add.l'], 'kept', 'memory'),
      arrow(['f.t', [160, 150], 'shares.l'], 'forget'),
      arrow(['i.t', [268, 166], [236, 158]], 'input'),
      arrow(['shares.t', 'keeps.b'], 'forget-share'),
      arrow(['shares.r', 'writes.l'], 'input-share'),
      arrow(['g.t', 'writes.b'], 'candidate'),
      arrow(['writes.t', 'add.b'], 'written', 'written'),
      line(['x.t', [120, 274], [430, 274], 'g.b'], 'x', undefined, { thin: true }),
      line([[144, 274], [160, 274], 'f.b']),
      line([[252, 274], [268, 274], 'i.b']),
      ...GATED.lines('add'),
    ],
    labels: [...GATED.labels, label(228, 124, 'f′', 'start'), label(346, 142, 'i′')],
  };
}

function rnn() {
  return {
    size: [640, 260],
    body: [50, 44, 540, 160],
    nodes: [
      layer('g', 330, 120, 'tanh', 'hidden', 'sign'),
      port('x', 120, 236, 'xₜ', 'x'), port('h', 552, 20, 'hₜ', 'hidden', 'shown'),
    ],
    lines: [
      arrow([[14, 120], 'g.l'], 'hidden-before', 'memory'),
      line(['x.t', [120, 120], [140, 120]], 'x', undefined, { thin: true }),
      arrow(['g.r', [630, 120]], 'hidden', 'memory'),
      arrow([[552, 120], 'h.b'], 'hidden', 'shown'),
    ],
    labels: [label(14, 108, 'hₜ₋₁'), label(618, 108, 'hₜ')],
  };
}

function clockwork() {
  return {
    size: [640, 360],
    body: [50, 44, 540, 262],
    nodes: [
      op('tick', 330, 112, 't mod T = 0', 'ticks', { wide: true, width: 112 }),
      op('switch', 330, 164, 'or', 'hidden'),
      op('next', 470, 72, '+1', 'clock'),
      layer('g', 330, 232, 'tanh', 'candidate', 'sign'),
      port('x', 120, 340, 'xₜ', 'x'), port('h', 552, 20, 'hₜ', 'hidden', 'shown'),
    ],
    lines: [
      line([[14, 72], 'next.l'], 'clock-before', undefined, { thin: true }),
      arrow(['next.r', [630, 72]], 'clock', undefined, { thin: true }),
      arrow([[330, 72], 'tick.t'], 'clock-before', undefined, { thin: true }),
      arrow(['tick.b', 'switch.t'], 'ticks'),
      arrow([[14, 164], 'switch.l'], 'hidden-before', 'memory'),
      arrow(['g.t', 'switch.b'], 'candidate', 'written'),
      arrow(['switch.r', [630, 164]], 'hidden', 'memory'),
      line([[552, 164], [552, 81]], 'hidden', 'shown'), arrow([[552, 63], 'h.b'], 'hidden', 'shown'),
      line([[80, 164], [80, 286], [330, 286], 'g.b'], 'hidden-before', undefined, { thin: true }),
      line(['x.t', [120, 286], [140, 286]], 'x', undefined, { thin: true }),
    ],
    labels: [label(14, 62, 't'), label(614, 62, 't + 1'), label(14, 152, 'hₜ₋₁'), label(618, 152, 'hₜ')],
  };
}

/** In time above, in depth below, both reading the line between them. */
function grid(lowest) {
  const bus = 262;
  const half = (name, memory, gates, tip) => {
    const up = memory < bus ? 't' : 'b';
    const down = up === 't' ? 'b' : 't';
    const mid = (memory + gates) / 2 + (up === 't' ? -8 : 8);
    const id = (part) => `${name}-${part}`;
    return {
      nodes: [
        layer(id('f'), 140, gates, 'σ', `${name}-forget`, 'share', { name: 'gᶠ' }), layer(id('u'), 230, gates, 'σ', `${name}-input`, 'share', { name: 'gᵘ' }),
        layer(id('g'), 318, gates, 'tanh', `${name}-candidate`, 'sign', { name: 'gᶜ' }), layer(id('o'), 408, gates, 'σ', `${name}-output`, 'share', { name: 'gᵒ' }),
        op(id('keeps'), 140, memory, '×', `${name}-kept`), op(id('writes'), 318, mid, '×', `${name}-written`),
        op(id('add'), 318, memory, '+', `${name}-memory`), op(id('shows'), 494, mid, '×'),
        op(id('squash'), 494, gates, 'tanh', tip, { wide: true }),
      ],
      lines: [
        arrow([`${id('keeps')}.r`, `${id('add')}.l`], `${name}-kept`, 'memory'),
        arrow([`${id('add')}.r`, [630, memory]], `${name}-memory`, 'memory'),
        arrow([`${id('f')}.${up}`, `${id('keeps')}.${down}`], `${name}-forget`),
        arrow([`${id('u')}.${up}`, [230, mid], `${id('writes')}.l`], `${name}-input`),
        arrow([`${id('g')}.${up}`, `${id('writes')}.${down}`], `${name}-candidate`),
        arrow([`${id('writes')}.${up}`, `${id('add')}.${down}`], `${name}-written`, 'written'),
        arrow([`${id('o')}.${up}`, [408, mid], `${id('shows')}.l`], `${name}-output`),
        arrow([[494, memory], `${id('shows')}.${up}`], `${name}-memory`),
        line([`${id('shows')}.${down}`, `${id('squash')}.${up}`]),
        ...['f', 'u', 'g'].map((gate, k) => line([[[140, 230, 318][k] - 16, bus], [[140, 230, 318][k], bus], `${id(gate)}.${down}`])),
        line([[392, bus], [408, bus], `${id('o')}.${down}`]),
      ],
    };
  };
  const time = half('time', 84, 190, 'time-hidden');
  const depth = half('depth', 440, 334, 'hidden');
  const below = lowest
    ? [layer('V', 88, 506, 'V', 'depth-hidden-before', undefined), port('x', 88, 572, 'xₜ', 'x')]
    : [port('h1', 62, 520, 'h₁', 'depth-hidden-before', 'shown'), port('m1', 106, 520, 'm₁', 'depth-memory-before', 'memory')];
  return {
    size: [640, lowest ? 592 : 544],
    body: [50, 44, 540, 432],
    nodes: [...time.nodes, ...depth.nodes, ...below],
    lines: [
      line([[14, 84], 'time-keeps.l'], 'time-memory-before', 'memory'),
      line([[14, bus], [392, bus]], 'time-hidden-before', undefined, { thin: true }),
      ...(lowest ? [
        arrow(['x.t', 'V.b'], 'x'),
        line([[74, 480], [74, bus], [94, bus]], 'depth-hidden-before', undefined, { thin: true }),
        line([[104, 480], [104, 440], 'depth-keeps.l'], 'depth-memory-before', 'memory'),
      ] : [
        line(['h1.t', [62, bus], [82, bus]], 'depth-hidden-before', undefined, { thin: true }),
        line(['m1.t', [106, 440], 'depth-keeps.l'], 'depth-memory-before', 'memory'),
      ]),
      ...time.lines, ...depth.lines,
      arrow(['time-squash.b', [494, 238], [630, 238]], 'time-hidden', 'shown'),
      arrow(['depth-squash.t', [494, 290], [630, 290]], 'hidden', 'shown'),
    ],
    labels: [label(14, 74, 'm₂'), label(616, 72, 'm′₂'), label(14, bus - 12, 'h₂'), label(616, 226, 'h′₂'), label(616, 314, 'h′₁'),
      label(616, 462, 'm′₁'), label(582, 118, 'in time', 'end'), label(582, 416, 'in depth', 'end')],
  };
}

function variational() {
  return {
    size: [640, 420],
    body: [50, 44, 540, 318],
    nodes: [
      layer('phix', 140, 318, 'ReLU', 'input-features', undefined, { name: 'φₓ' }),
      layer('prior', 216, 168, 'prior', 'prior-mean', undefined, { deviation: 'prior-deviation' }),
      layer('post', 250, 250, 'posterior', 'posterior-mean', undefined, { deviation: 'posterior-deviation', width: 92 }),
      op('far', 336, 168, 'KL', 'divergence', { wide: true }),
      op('z', 350, 250, 'z', 'posterior-mean'),
      layer('phiz', 440, 250, 'ReLU', 'latent-features', undefined, { name: 'φz' }),
      layer('gru', 500, 92, 'GRU', 'hidden', 'sign'),
      port('x', 140, 400, 'xₜ', 'x'), port('h', 570, 20, 'hₜ', 'hidden', 'shown'),
    ],
    lines: [
      arrow([[14, MEMORY], 'gru.l'], 'hidden-before', 'memory'),
      arrow(['gru.r', [630, MEMORY]], 'hidden', 'memory'),
      arrow([[570, MEMORY], 'h.b'], 'hidden', 'shown'),
      arrow(['x.t', 'phix.b'], 'x'),
      line([[80, MEMORY], [80, 250], 'post.l'], 'hidden-before', undefined, { thin: true }),
      line(['phix.t', [140, 250], [160, 250]], 'input-features', undefined, { thin: true }),
      arrow([[104, MEMORY], [104, 168], 'prior.l'], 'hidden-before', undefined, { thin: true }),
      line(['prior.r', 'far.l'], 'prior-mean', undefined, { dashed: true }),
      line([[290, 220], [336, 200], 'far.b'], 'posterior-mean', undefined, { dashed: true }),
      arrow(['post.r', 'z.l'], 'posterior-mean', 'written'),
      arrow(['z.r', 'phiz.l'], 'posterior-mean', 'written'),
      arrow(['phiz.t', [440, 168], [490, 168], [490, 122]], 'latent-features', 'written'),
      arrow(['phix.r', [512, 318], [512, 122]], 'input-features', 'written'),
    ],
    labels: [label(14, MEMORY - 12, 'hₜ₋₁'), label(618, MEMORY - 12, 'hₜ')],
  };
}

/** By the kind's name in a pipeline spec: what is drawn of a layer, the lowest or one above. */
const CELLS = {
  rnn: () => ({
    title: 'Simple recurrent network',
    equations: ['hₜ = tanh(W_x xₜ + W_h hₜ₋₁ + b)'],
    memories: [],
    diagrams: [rnn()],
  }),
  lstm: () => LSTM,
  'lstm-peephole': () => ({
    ...LSTM, title: 'LSTM with peepholes', equations: PEEPHOLES, diagrams: [lstm({ peepholes: true })],
  }),
  'lstm-coupled': () => ({
    ...LSTM,
    title: 'LSTM with coupled gates',
    equations: ['fₜ = σ(W_f [hₜ₋₁, xₜ] + b_f)', 'c̃ₜ = tanh(W_c [hₜ₋₁, xₜ] + b_c)', 'oₜ = σ(W_o [hₜ₋₁, xₜ] + b_o)',
      'cₜ = fₜ ∘ cₜ₋₁ + (1 − fₜ) ∘ c̃ₜ', 'hₜ = oₜ ∘ tanh(cₜ)'],
    diagrams: [lstm({ coupled: true })],
  }),
  'lstm-depth-gated': (lowest) => (lowest
    ? { ...CELLS['lstm-peephole'](), title: 'Depth-gated LSTM, lowest layer' }
    : {
      ...LSTM,
      title: 'Depth-gated LSTM',
      equations: [...PEEPHOLES.slice(0, 3), 'dₜ = σ(W_d xₜ + w_cd ∘ cₜ₋₁ + w_ld ∘ cₜᴸ + b_d)', 'cₜ = dₜ ∘ cₜᴸ + fₜ ∘ cₜ₋₁ + iₜ ∘ c̃ₜ', ...PEEPHOLES.slice(4)],
      memories: [{ ...LSTM.memories[0], written: ['written', 'lifted'] }],
      diagrams: [lstm({ peepholes: true, depth: true })],
    }),
  gru: () => ({ title: 'Gated recurrent unit', equations: RECURRENCE, memories: HIDDEN_MEMORY, diagrams: [gru()] }),
  mgu: () => ({
    title: 'Minimal gated unit',
    equations: ['fₜ = σ(W_f [xₜ, hₜ₋₁] + b_f)', 'h̃ₜ = tanh(W_h [xₜ, fₜ ∘ hₜ₋₁] + b_h)', 'hₜ = (1 − fₜ) ∘ hₜ₋₁ + fₜ ∘ h̃ₜ'],
    memories: HIDDEN_MEMORY,
    says: { forget: ['gate f', 'How much of each unit gives way to its candidate: 0 keeps it, 1 replaces it. The same gate says what the candidate sees of the past.'] },
    diagrams: [mgu()],
  }),
  mingru: () => ({
    title: 'minGRU',
    equations: ['zₜ = σ(W_z xₜ + b_z)', 'h̃ₜ = W xₜ + b', 'hₜ = (1 − zₜ) ∘ hₜ₋₁ + zₜ ∘ h̃ₜ'],
    memories: HIDDEN_MEMORY,
    says: { update: ['update gate z', 'How much of each unit gives way to its candidate: 0 keeps it, 1 replaces it. It sees the input alone.'] },
    diagrams: [minGru()],
  }),
  minlstm: () => ({
    title: 'minLSTM',
    equations: ['fₜ = σ(W_f xₜ + b_f)', 'iₜ = σ(W_i xₜ + b_i)', 'h̃ₜ = W xₜ + b', 'f′ₜ = fₜ / (fₜ + iₜ),  i′ₜ = iₜ / (fₜ + iₜ)', 'hₜ = f′ₜ ∘ hₜ₋₁ + i′ₜ ∘ h̃ₜ'],
    memories: HIDDEN_MEMORY,
    says: {
      forget: ['forget gate f', 'A claim to keep; what counts is its share of both claims.'],
      input: ['input gate i', 'A claim to write; what counts is its share of both claims.'],
    },
    diagrams: [minLstm()],
  }),
  clockwork: () => ({
    title: 'Clockwork RNN',
    equations: ['hₜ[g] = tanh(Σ W_h[g,j] hₜ₋₁[j] + W_i[g] xₜ + b[g])  where t mod T_g = 0; j no faster than g', 'hₜ[g] = hₜ₋₁[g]  elsewhere'],
    memories: [],
    says: {
      candidate: ['what each unit would become', 'Taken where the unit’s module ticks.'],
      hidden: ['hidden state h', 'New where the module ticks, as before elsewhere. Units stand by module, the fastest first.'],
    },
    diagrams: [clockwork()],
  }),
  'grid-lstm': (lowest) => ({
    title: lowest ? 'Grid LSTM, lowest layer' : 'Grid LSTM',
    equations: ['H = [h₁; h₂], 1 in depth, 2 in time', '(h′₁, m′₁) = LSTM(H, m₁, W₁),  (h′₂, m′₂) = LSTM(H, m₂, W₂)', 'm′ = gᶠ ∘ m + gᵘ ∘ gᶜ,  h′ = tanh(gᵒ ∘ m′)'],
    memories: [
      { name: 'In time', before: 'time-memory-before', kept: 'time-kept', written: ['time-written'], after: 'time-memory', shown: 'time-hidden' },
      { name: 'In depth', before: 'depth-memory-before', kept: 'depth-kept', written: ['depth-written'], after: 'depth-memory', shown: 'hidden' },
    ],
    diagrams: [grid(lowest)],
  }),
  vrnn: () => ({
    title: 'Variational recurrent network',
    equations: ['prior: zₜ ~ N(μ₀, σ₀²) of hₜ₋₁', 'posterior: zₜ | xₜ ~ N(μ_z, σ_z²) of φₓ(xₜ), hₜ₋₁', 'hₜ = GRU([φₓ(xₜ), φ_z(zₜ)], hₜ₋₁), zₜ at the posterior’s mean', ...RECURRENCE],
    memories: HIDDEN_MEMORY,
    diagrams: [variational(), { ...gru(port('x', 120, 340, 'φ', 'latent-features')), caption: 'Inside the GRU' }],
  }),
};

/** Of each signal: its name, and what it tells. Those of a grid's dimensions have its name in front. */
const SAYS = {
  x: ['input x', 'What the layer gets: the event as the network sees it, or the output of the layer beneath.'],
  'hidden-before': ['hidden state before', 'What the layer had made of the events before this one.'],
  'cell-before': ['memory before', 'What the layer carried from the events before this one.'],
  'memory-before': ['memory before', 'What came in, in this dimension.'],
  forget: ['forget gate f', 'How much of each memory is kept: 1 keeps it, 0 forgets it.'],
  input: ['input gate i', 'How much of each candidate is written: 1 all of it, 0 nothing.'],
  candidate: ['candidate', 'What might be written.'],
  output: ['output gate o', 'How much of the memory is shown.'],
  depth: ['depth gate d', 'How much of the memory of the layer beneath is taken over.'],
  'cell-below': ['memory of the layer beneath', 'After the same event.'],
  lifted: ['taken over from beneath', 'The part of the memory beneath that the depth gate lets through.'],
  kept: ['what is kept', 'What remains of what was there.'],
  written: ['what is written', 'What this event adds.'],
  squashed: ['tanh of the memory', 'The memory within −1 and 1, as the output gate finds it.'],
  cell: ['memory c', 'What is carried to the next event.'],
  memory: ['memory m', 'What is carried on.'],
  hidden: ['hidden state h', 'The layer’s output, and what it gets back with the next event.'],
  reset: ['reset gate r', 'How much of the past each candidate sees.'],
  update: ['update gate z', 'How much of each unit is kept: 1 keeps it, 0 replaces it by its candidate.'],
  remembered: ['what the candidate sees of the past', 'The hidden state before, through the gate.'],
  'forget-share': ['share that is kept, f′', 'The forget gate’s share of both gates; the input gate has the rest.'],
  'input-share': ['share that is written, i′', 'The input gate’s share of both gates.'],
  ticks: ['units whose module ticks', 'A module computes at steps that its period divides; others keep their state.'],
  'clock-before': ['clock', 'Events since the session began, modulo the least common multiple of the periods.'],
  clock: ['clock', 'Of the next event.'],
  'input-features': ['features of the input, φₓ', 'One layer of rectified units over x.'],
  'latent-features': ['features of the latent variable, φ_z', 'One layer of rectified units over z.'],
  'prior-mean': ['expected z: prior’s mean', 'What the latent variable should be, before the event is seen.'],
  'prior-deviation': ['spread of the prior', 'How sure that was.'],
  'posterior-mean': ['found z: posterior’s mean', 'What the latent variable is, once the event is seen.'],
  'posterior-deviation': ['spread of the posterior', 'How sure that is.'],
  divergence: ['how far what was found is from what was expected', 'KL divergence of the posterior from the prior, nats, by dimension of z. Training keeps it small.'],
};

/** A cell's drawing of a layer; null for a kind that this page doesn't know. @param {number} layer counted from 1 */
export function diagramOf(kind, layer) {
  return CELLS[kind]?.(layer === 1) ?? null;
}

export const kinds = Object.keys(CELLS);

/** [name, sentence] of a signal. */
export function saying(cell, signal) {
  const own = cell.says?.[signal] ?? SAYS[signal];
  if (own) return own;
  const [, along, rest] = /^(depth|time)-(.+)$/.exec(signal) ?? [];
  const [name, sentence] = SAYS[rest] ?? [signal, ''];
  return [along ? `${name}, in ${along}` : name, sentence];
}
