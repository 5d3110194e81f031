"""The official Python client against the local server, unchanged: python miso_sdk_journey.py URL KEY"""

import sys

from miso.sdk import ApiClient, ApiException

URL, KEY = sys.argv[1:]

client = ApiClient(KEY, host=URL)
strict = ApiClient(KEY, host=URL, raise_on_error=True)


def same(got, expected):
    assert got == expected, f"\n     got {got!r}\nexpected {expected!r}"


def refused(call, status):
    try:
        call()
    except ApiException as error:
        same(error.status_code, status)
        return error.response
    raise AssertionError(f"no {status}")


# Products: upload, read, replace, delete. The client answers with what stands under "data".
shirt = {
    "product_id": "123ABC-S/Black",
    "type": "shirt",
    "title": "Camiseta añil",
    "categories": [["Clothing", "T-Shirts"]],
    "sale_price": 15.5,
    "created_at": "2023-11-07T05:31:56Z",
    "availability": "IN_STOCK",
    "custom_attributes": {"designer": "Andy", "weight": 120, "adult": False},
}
hat = {"product_id": "hat 2", "title": "Hat", "custom_attributes": {"designer": None, "weight": 80.5}}
assert strict.product.upload(data=[shirt, hat])["task_id"]
same(strict.product.read(product_id=shirt["product_id"]), shirt)
same(strict.product.read(product_id=hat["product_id"]), hat)
newer = {"product_id": "hat 2", "title": "Newer hat"}
strict.product.upload(data=[newer])
same(strict.product.read(product_id="hat 2"), newer)
assert strict.product.delete(product_id="hat 2")["task_id"]
same(client.product.read(product_id="hat 2"), {"message": "not found"})
# That there is none is the task's to say.
assert strict.product.delete(product_id="hat 2")["task_id"]

# A batch with mistakes: every one is named, and nothing is stored.
bad = [
    {"product_id": "good"},
    {"product_id": ["bad"], "created_at": "yesterday"},
    {"product_id": "bad", "custom_attributes": {"designer": [7]}},
]
answer = refused(lambda: strict.product.upload(data=bad), 422)
same(answer["errors"], True)
same(
    sorted(answer["data"]),
    [
        "data.1.created_at is invalid. The attribute should match 'date-time' format.",
        "data.1.product_id is invalid. The attribute expected to be of type 'string', but 'array' is given.",
        "data.2.custom_attributes.designer is invalid. Its data type is not consistent with other records",
    ],
)
same(client.product.upload(data=bad), answer)
same(client.product.read(product_id="good"), {"message": "not found"})

# Users.
user = {"user_id": "user_1234", "name": "John Doe", "age": 33, "custom_attributes": {"interests": ["Drama"]}}
assert strict.user.upload([user])["task_id"]
same(strict.user.read("user_1234"), user)
assert strict.user.delete("user_1234")["task_id"]
refused(lambda: strict.user.read("user_1234"), 404)

# Interactions.
view = {
    "type": "product_detail_page_view",
    "user_id": "user_1234",
    "product_ids": ["123ABC-S/Black"],
    "timestamp": "2024-05-01T10:00:00+00:00",
    "context": {"page": {"url": "https://shop.example/shirt"}, "custom_context": {"position": 3}},
}
search = {"type": "search", "anonymous_id": "A1", "search": {"keywords": "chips"}}
same(strict.interaction.upload(data=[view, search]), {"message": "success"})
answer = refused(lambda: strict.interaction.upload(data=[search, {**view, "product_ids": "123"}]), 422)
same(
    answer["data"],
    [
        "data.1.product_ids is invalid. "
        "The attribute was expected to be of type ''array', 'null'' but type 'string' was given."
    ],
)
same(strict.interaction.delete(user_ids=["user_1234"]), {"message": "success"})

# What the client does not have, by its own session: the ids, and deleting by a list.
same(strict.product.read(product_id="_ids"), {"ids": ["123ABC-S/Black"]})

# The wrong key.
wrong = ApiClient(KEY + "x", host=URL, raise_on_error=True)
assert "key" in refused(lambda: wrong.product.read(product_id="123ABC-S/Black"), 401)["message"]

print("the journey is done")
