"""The one port to language models, and what stands behind it: endpoints, a local file, cache, replay and script."""
