// Runs axe in one document, in a world of our own beside the page's: its scripts and its policy have no say here.
// Loaded after axe itself; `told` is what leaves a frame for the tab's document, where `finish` puts all together.
(config) => {
  "use strict";
  const options = {
    runOnly: { type: "tag", values: config.tags },
    resultTypes: ["violations"],
    ancestry: true,
    preload: false, // asks for nothing over the network
  };
  let own = null;

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // Half a screen is not judged: it has loaded, and nothing has changed for a moment.
  const settled = async () => {
    const ends = performance.now() + config.settled_ms;
    let moved = performance.now();
    const observer = new MutationObserver(() => { moved = performance.now(); });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    while (performance.now() < ends) {
      if (document.readyState === "complete" && performance.now() - moved >= config.quiet_ms) break;
      await pause(50);
    }
    observer.disconnect();
  };

  // A fade that is half done would be judged as low contrast.
  const still = () => {
    const timing = (animation) => animation.effect && animation.effect.getComputedTiming();
    const ending = document.getAnimations().filter((one) => Number.isFinite((timing(one) || {}).endTime));
    return Promise.race([Promise.allSettled(ending.map((animation) => animation.finished)), pause(config.still_ms)]);
  };

  const whole = (text) => (text.length > config.text ? "[]" : text); // half a selector could show what it must not

  const element = (node) => ({
    target: whole(JSON.stringify(node.target)),
    frame: node.ancestry.slice(0, -1),
    html: node.html.slice(0, config.text),
    impact: node.impact,
  });

  const violation = (found) => ({
    rule: found.id,
    help: found.help,
    tags: found.tags,
    nodes: found.nodes.slice(0, config.nodes).map(element),
  });

  globalThis.audit = {
    settled,
    frames: (context) => axe.utils.getFrameContexts(context || document, options),
    element: (selector) => axe.utils.shadowSelect(selector),
    run: async (context) => {
      await still();
      own = await axe.runPartial(context || document, options);
    },
    told: () => {
      const text = JSON.stringify(own);
      return text.length > config.partial ? null : text;
    },
    finish: async (frames) => {
      const parts = [own, ...frames.map((text) => text && JSON.parse(text))];
      const results = await axe.finishRun(parts, options);
      return { version: axe.version, violations: results.violations.map(violation) };
    },
  };
}
