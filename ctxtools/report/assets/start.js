(() => {
'use strict';
// What is there without data is painted before they are read.
let isDrawn = false;
function draw() {
if (isDrawn) return;
isDrawn = true;
/* scripts */
document.documentElement.dataset.drawn = "";
performance.mark("drawn");
}
requestAnimationFrame(() => setTimeout(draw));
setTimeout(draw, 1000); // in a tab that is not seen there are no frames
addEventListener("beforeprint", draw);
})();
