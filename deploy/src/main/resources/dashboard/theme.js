// Before the first paint, so that the page never flashes in the other colours; not a module, which would come later.
(function () {
  try {
    var theme = localStorage.getItem('sequitur.theme');
    if (theme === 'light' || theme === 'dark') {
      document.documentElement.dataset.theme = theme;
    }
  } catch (e) {
    // No storage here: as the system has it.
  }
})();
