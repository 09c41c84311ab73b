import time
from functions.contracts.queues import Queue
def test_try(api, account):
    def run():
        i = api.post("/v1/imports", {"filename": "고객.csv"}).body["import_id"]
        account.s3.put_object(Bucket=account._names["DataBucket"], Key=f"imports/{i}/upload.csv", Body=open("samples/customers.csv","rb").read())
        api.post(f"/v1/imports/{i}/start", {})
        t=time.time(); print(api.deliver("imports", *account.take_bodies(Queue.IMPORTS)), time.time()-t)
        a = api.get(f"/v1/imports/{i}"); print(a.body)
    run()
    assert 0
