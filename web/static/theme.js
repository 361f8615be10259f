// Runs before the first paint so that a chosen theme does not flash. Kept tiny and dependency-free on purpose.
(function () {
  try {
    var theme = JSON.parse(localStorage.getItem('trunkline.preferences') || '{}').theme;
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch (error) {
    // A browser without storage follows the system's theme.
  }
})();
