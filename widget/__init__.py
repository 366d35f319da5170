"""The Starlette application that takes ratings; it meets the site only on disk and in `nok.urls`."""
