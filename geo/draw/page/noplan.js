// One idea: a page of a study alone - nothing opens or closes, and the territory has one state (else plan.js and two more).

const Plan = {
  use: () => {},
  show: () => {},
  lookOf: () => (State.chosen.shown.points ? "point" : null),
  isOpened: () => false,
  count: () => 0,
  standing: (data) => data.points.count,
  facts: () => [],
  ways: () => [],
};

const PlanBox = { use: () => {}, refresh: () => {} };

const Holes = { use: () => {}, refresh: () => {}, paint: () => {} };
