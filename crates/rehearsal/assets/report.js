"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  if (data.at.length < 2) return;
  const section = document.getElementById("plots");
  section.hidden = false;
  const reading = document.getElementById("reading");
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const clock = seconds => {
    const sign = seconds < 0 ? "-" : "", whole = Math.floor(Math.abs(seconds) + 1e-9);
    return sign + Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
  };
  const kinds = { scaling: "d", alarm: "bad", quiet: "c", event: "a", load: "c", abort: "bad" };
  const end = data.at[data.at.length - 1];

  // From each ALARM to the alarm's next other state.
  const alarms = [];
  for (const mark of data.marks) {
    if (mark.kind === "alarm") alarms.push({ of: mark.subject, from: mark.at, to: end });
    if (mark.kind === "quiet") {
      const open = alarms.filter(it => it.of === mark.subject && it.to === end).pop();
      if (open) open.to = mark.at;
    }
  }

  const across = (plot, value) => plot.valToPos(value, "x", true);
  const draw = shaded => plot => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    if (shaded) {
      ctx.fillStyle = colour("shade");
      for (const it of alarms) {
        const left = across(plot, it.from);
        ctx.fillRect(left, bbox.top, across(plot, it.to) - left, bbox.height);
      }
    }
    for (const mark of data.marks) {
      ctx.strokeStyle = colour(kinds[mark.kind] || "faint");
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
      const x = Math.round(across(plot, mark.at));
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  };

  const line = (label, values, hue, more) => ({ label, values, hue, more });
  const level = value => data.at.map(() => value);
  const wanted = [
    ["rate", [line("asked", data.asked, "faint", { dash: [4, 4] }), line("done", data.done, "a"), line("failed", data.errors, "bad")]],
    ["latency", [line("p50", data.p50, "c"), line("p95", data.p95, "a"), line("p99", data.p99, "b"),
      ...(data.limit === null ? [] : [line("limit", level(data.limit), "bad", { dash: [6, 4] })])]],
    ["cpu", [line("CPU", data.cpu, "b"),
      ...(data.target === null ? [] : [line("target", level(data.target), "bad", { dash: [6, 4] })])], true],
    ["tasks", [line("desired", data.desired, "faint", { dash: [4, 4] }), line("running", data.running, "a"), line("instances", data.instances, "d")], false, true],
  ];
  const sync = uPlot.sync("rehearsal");
  let plots = [];
  let isZooming = false;

  const say = at => {
    if (at == null) { reading.textContent = ""; return; }
    const [from, to] = [plots[0].scales.x.min, plots[0].scales.x.max];
    const near = data.marks.filter(it => Math.abs(it.at - at) <= (to - from) / 100);
    reading.textContent = clock(at) + (near.length ? " · " + near.map(it => it.text).join(" · ") : "");
  };

  const make = () => {
    const range = plots.length ? [plots[0].scales.x.min, plots[0].scales.x.max] : null;
    plots.forEach(it => it.destroy());
    plots = wanted.map(([id, lines, shaded, steps]) => {
      const place = document.getElementById(id);
      const axis = { stroke: colour("faint"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 } };
      const shown = (_, value) => value == null ? "–" : value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
      return new uPlot({
        width: place.clientWidth,
        height: steps ? 150 : 190,
        cursor: { sync: { key: sync.key, setSeries: false }, drag: { x: true, y: false } },
        scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.08, 1)] } },
        axes: [
          { ...axis, values: (_, at) => at.map(clock), incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600] },
          { ...axis, size: 56, ...(steps ? { incrs: [1, 2, 5, 10, 20, 50, 100], space: 22 } : {}) },
        ],
        series: [
          { label: "at", value: (_, at) => at == null ? "–" : clock(at) },
          ...lines.map(it => ({
            label: it.label, stroke: colour(it.hue), width: 2, spanGaps: false, value: shown,
            points: { show: false },
            ...(steps ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
            ...it.more,
          })),
        ],
        hooks: {
          drawClear: [draw(shaded)],
          setCursor: [plot => { if (plot === plots[0]) say(plot.cursor.idx == null ? null : data.at[plot.cursor.idx]); }],
          setScale: [(plot, key) => {
            if (key !== "x" || isZooming || plots.length < wanted.length) return;
            isZooming = true;
            const { min, max } = plot.scales.x;
            plots.filter(it => it !== plot).forEach(it => it.setScale("x", { min, max }));
            isZooming = false;
          }],
        },
      }, [data.at, ...lines.map(it => it.values)], place);
    });
    if (range) plots.forEach(it => it.setScale("x", { min: range[0], max: range[1] }));
    window.plots = plots;
  };
  make();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", make);
  let width = section.clientWidth;
  new ResizeObserver(() => {
    if (section.clientWidth === width) return;
    width = section.clientWidth;
    plots.forEach(it => it.setSize({ width, height: it.height }));
  }).observe(section);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(it => { it.open = true; }));
})();
