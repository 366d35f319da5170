"""The build, from top to bottom: gather everything, see whether anything has changed, then make what has.

Nothing is written before every package is checked; nothing is published before everything is written. Time, paths and
the number of workers enter here and nowhere below.
"""

from contextlib import closing

from nok.site.explain import explain
from nok.site.gather import Options, Report, gather, open_output
from nok.site.output import Output, Release
from nok.site.progress import Profile, Tell, silent
from nok.site.publication import read_publication


def build(options: Options, tell: Tell = silent) -> Report:
    """Builds the publication and switches `current` to it.

    Raises:
        DataError: the packages have problems; nothing was written.
        ConfigError, UsageError, StorageError, BusyError: as their words say; the published site is as it was.
    """
    profile = Profile()
    publication = read_publication(options.config_file)
    output = open_output(publication, options)
    with output.lock():
        output.keep_addresses(publication.config.address_shards)
        with profile.part("read"):
            gathered = gather(publication, output, options)
        published = output.current()
        is_same = published is not None and published.inputs == gathered.inputs
        if published and is_same and output.is_settled and not _is_forced(options):
            return _unchanged(output, published, options, profile)
        # Table engine, validator, Pelican: a second of importing, which a build that finds nothing changed need not pay.
        from nok.site.fill import finish_build

        return finish_build(gathered, output, options, profile, tell)


def _is_forced(options: Options) -> bool:
    return options.full or options.no_cache or options.release


def _unchanged(output: Output, published: Release, options: Options, profile: Profile) -> Report:
    explanation = None
    manifest = output.slot(published.slot).open() if options.explain else None
    if options.explain and manifest is not None:
        with closing(manifest):
            explanation = explain(options.explain, manifest, None)
    return Report(
        folder=output.folder / "current",
        build_id=published.build_id,
        organizations=0,
        files=published.files,
        size_bytes=0,
        change=None,
        profile=profile,
        explanation=explanation,
    )
