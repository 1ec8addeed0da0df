import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.jose import metadata_path

DATA = {
    "role": "admin",
    "level": 3,
    "nothing": None,
    "plan": {"name": "pro", "seats": [1, 2, 3]},
    "teams": [{"id": 7, "lead": True}, {"id": 8}, "odd"],
    "fav.movie": "Deer Hunter",
    "first_name": "Ann",
    "*": "star",
    "tags": ["a)b", 'a"b', "be"],
    "groups": [{"name": "one", "roles": ["user", "admin"]}, {"name": "two", "roles": ["user"]}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("role", "admin"),
        ("level", 3),
        ("plan", {"name": "pro", "seats": [1, 2, 3]}),
        ("plan.name", "pro"),
        ("plan.seats.1", 2),
        ("plan.seats.#", 3),
        ("teams.0.lead", True),
        ("teams.#.id", [7, 8]),
        ("teams.#.lead", [True]),
        (r"fav\.movie", "Deer Hunter"),
        ("first*", "Ann"),
        ("f?rst_name", "Ann"),
        ("*_n*e", "Ann"),
        ("p*.n?me", "pro"),
        (r"\*", "star"),
        ("nothing", None),
        ("nothing.more", None),
        ("unknown", None),
        ("unknown*", None),
        ("role.deeper", None),
        ("plan.seats.3", None),
        ("plan.seats.-1", None),
        ("plan.seats.99999999999", None),
        ("plan.seats.²", None),
        ("plan.#", None),
        ("teams.#(id==8)", {"id": 8}),
        ('teams.#(id=="7").lead', True),
        ("teams.#(id>6)#.id", [7, 8]),
        ("teams.#(id>6)#", [{"id": 7, "lead": True}, {"id": 8}]),
        ("teams.#(id>6)#|0", {"id": 7, "lead": True}),
        ("teams.#(id>6)#|#", 2),
        ("teams.#(id>8)", None),
        ("teams.#(id>8)#", []),
        ("teams.#(id!=7)#.id", [8]),
        ("teams.#(lead)#.id", [7]),
        ("teams.#(lead==true).id", 7),
        ("teams.#(lead!=true)#", []),
        ("teams.#(lead==yes)#", []),
        ("teams.#(id==x)#", []),
        ("plan.seats.#(>1)#", [2, 3]),
        ("plan.seats.#(>=2)", 2),
        ("plan.seats.#(%2)#", []),
        ('tags.#(=="a)b")', "a)b"),
        (r'tags.#(=="a\"b")', 'a"b'),
        ('tags.#(%"b*")', "be"),
        ('tags.#(!%"a*")#', ["be"]),
        ('tags.#(>"b")', "be"),
        ('groups.#(roles.#(=="admin")).name', "one"),
        ('groups.#(roles.#(=="admin"))#|#.name', ["one"]),
        ("role.#(a==1)", None),
        ("plan|name", "pro"),
        ("role|x", None),
    ],
)
def test_get(path, value):
    assert metadata_path.get(DATA, path) == value


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "\\",
        "@reverse",
        "role|@this",
        "role|",
        "{role}",
        "[a]",
        "!1",
        "a.#(b",
        "a.#(b)c",
        "a.#(@x==1)",
        "#(" * 20 + ")" * 20,
    ],
)
def test_what_is_not_supported(path):
    with pytest.raises(ClaimTemplateInvalid):
        metadata_path.get(DATA, path)


def test_many_stars_cost_no_time():
    assert metadata_path.get({"a" * 3000: 1}, "*a" * 60 + "b") is None


@given(st.text(alphabet=r'ab01.*?\#@|()=>%"', max_size=16))
def test_any_path_raises_nothing_but_its_error(path):
    try:
        metadata_path.get({"a": [{"b": 1}, []], "ab": {"0": "a"}}, path)
    except ClaimTemplateInvalid:
        return
    assert path
