//! The keys of the clusters, their form, the first run and the demo.
