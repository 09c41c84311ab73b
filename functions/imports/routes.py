"""HTTP calls about imports."""

from chalice.app import Blueprint

from functions.contracts.http_imports import ImportPost, ImportStart
from functions.contracts.scope import Scope
from functions.domain.contact_file import ContactImport, ImportStatus
from functions.domain.ids import ImportId
from functions.imports import service, wiring
from functions.imports.views import import_view, upload_view
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.ids import fresh_id

bp = Blueprint(__name__)

_READ_TO_THE_END = frozenset(
    {
        ImportStatus.DRY_RUN_DONE,
        ImportStatus.DONE,
        ImportStatus.UNDOING,
        ImportStatus.UNDONE,
    }
)


@bp.route("/v1/imports", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ImportPost)
def post_import(call: Call[ImportPost]) -> Reply:
    """Make an import and the URL to which its file is PUT."""
    made = service.create(
        call.body.filename,
        call.body.mapping,
        kind=call.body.kind,
        import_id=ImportId(fresh_id("imp")),
        deps=wiring.deps(),
        now=call.now,
    )
    url = wiring.deps().files.upload_url(made.import_id)
    return Reply(status=201, body=import_view(made) | {"upload": upload_view(url)})


@bp.route("/v1/imports/{import_id}/start", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ImportStart)
def start_import(call: Call[ImportStart], import_id: str) -> Reply:
    """Have the uploaded file read."""
    started = service.start(ImportId(import_id), deps=wiring.deps(), now=call.now)
    return Reply(status=202, body=import_view(started))


@bp.route("/v1/imports/{import_id}/dry-run", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ImportStart)
def dry_run_import(call: Call[ImportStart], import_id: str) -> Reply:
    """Have the uploaded file read without writing anything, to see what an import would do."""
    running = service.dry_run(ImportId(import_id), deps=wiring.deps(), now=call.now)
    return Reply(status=202, body=import_view(running))


@bp.route("/v1/imports/{import_id}/undo", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ImportStart)
def undo_import(call: Call[ImportStart], import_id: str) -> Reply:
    """Have a finished import taken back, as far as nobody changed its people since."""
    undoing = service.undo(ImportId(import_id), deps=wiring.deps(), now=call.now)
    return Reply(status=202, body=import_view(undoing))


@bp.route("/v1/imports/{import_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS)
def get_import(call: Call[None], import_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read the state and counts, and where the list of rejected rows can be read."""
    found = service.find(ImportId(import_id), deps=wiring.deps())
    return Reply(body=import_view(found) | {"errors": _errors(found)})


def _errors(found: ContactImport) -> Json | None:
    if found.status not in _READ_TO_THE_END or not found.error_parts:
        return None
    return {"url": wiring.deps().files.errors_url(found), "rows": found.counts.rejected}
