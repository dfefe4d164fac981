"""What a page answers when a newer request has stopped its query."""

import pyarrow as pa
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import path

from warehouse.engines import engine
from warehouse.query import Query


@login_not_required
def overtaken(request):
    numbers = pa.table({"n": list(range(4000))})
    query = Query("SELECT a.n FROM range_of a, range_of b", {"range_of": numbers})
    answers = engine().stream(query, rows=2048, key="figures")
    next(answers)
    engine().cancel("figures")
    return HttpResponse(list(answers))


urlpatterns = [path("overtaken/", overtaken)]


def test_a_page_that_was_overtaken_changes_nothing(client, warehouse, settings):
    warehouse({"customers": pa.table({"customer_id": ["a"]})})
    settings.ROOT_URLCONF = __name__
    answer = client.get("/overtaken/")
    assert (answer.status_code, answer.content) == (204, b"")
