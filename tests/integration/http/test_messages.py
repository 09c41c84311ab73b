import pytest
from tests.integration.http.shop import *

def test_a_text_is_followed_to_the_phone(api, pump, carrier):
    s=a_sender(api); t=a_template(api)
    made=send(api,t,s,{"phone":phone(1)})
    print(made)
    pump.run()
    print(carrier.ledger())
    pump.take_reports(messages=1)
    print(api.get("/v1/messages/"+made["messages"][0]["message_id"]).body)
    assert 0
