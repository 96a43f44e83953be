BEGIN TRANSACTION;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
INSERT INTO "accounts" VALUES('acme','{"name":"acme","created_at":1795278334319490,"live":{"webhook_url":"http://127.0.0.1:31550/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":"http://127.0.0.1:31550/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["01bcc83c403eab4c7d698d08d9ccd569165d1315051be8bf0bc517654a7a64bf7b70299b742b21cbea3a80e4b7463e11f07994a7a9"],"old_secret_until":null,"disabled":false}');
INSERT INTO "accounts" VALUES('other','{"name":"other","created_at":1795278335572323,"live":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["013252b3ace3128a1924989d51848a4c83a9f0512c6b72708bc75c36ca92a4493df6b681bdba7b72da04618bfe948ba9b09f59430b"],"old_secret_until":null,"disabled":false}');
CREATE TABLE carrier_refs (
    operator TEXT NOT NULL,
    ref TEXT NOT NULL,
    destination TEXT NOT NULL,
    message_id BLOB,          -- NULL while only receipts have come
    attempt INTEGER,
    part INTEGER,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    receipts TEXT,            -- JSON list of parked receipts, in the order in which they came
    PRIMARY KEY (operator, ref, destination)
) WITHOUT ROWID;
INSERT INTO "carrier_refs" VALUES('alpha','0000000001','+447700901100',X'01A1FEED8DF970009054596ADE285F00',1,1,'+447700900999',1795278343677759,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000002','+447700901101',X'01A1FEED8E137000B83A0E8ABDF16700',1,1,'+447700900999',1795278343702128,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000003','+447700901200',X'01A1FEED8E8A7000869C7C0A36948B00',1,1,'+447700900999',1795278343821309,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000004','+447700901200',X'01A1FEED8E8A7000869C7C0A36948B00',1,2,'+447700900999',1795278343864772,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000005','erased:49ae1e0236c127624d37ae363e05bb37',X'01A1FEED8EE37000B9F51B078D2ADD00',1,1,'+447700900999',1795278343910944,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000006','+447700900888',X'01A1FEED8F3F700282F46DFF002F0300',1,1,'+447700900999',1795278344003522,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000007','+447700901400',X'01A1FEED92797000AE77DCA61FB37500',1,1,'+447700900999',1795278344828598,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000008','+447700901500',X'01A1FEED94FF7000A1CCE938AF167800',1,1,'+447700900999',1795278345501347,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000009','+447700901600',X'01A1FEED954F7000B8ED5E35778BFF00',1,1,'+447700900999',1795278345553861,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000010','+447700901700',X'01A1FEEDA12D7000A2EB9B4FA30EC500',1,1,'+447700900999',1795278348592831,NULL);
INSERT INTO "carrier_refs" VALUES('beta','0000005000','+447700901103',X'01A1FEED8E707000AA535ADDE7371000',2,1,'+447700900999',1795278343799364,NULL);
INSERT INTO "carrier_refs" VALUES('beta','777777','+33700900555',NULL,NULL,NULL,'+447700900999',1795278344802300,'[["beta","777777","+447700900999","+33700900555",3,null,"DELIVRD err:000",1795278344802300,null]]');
INSERT INTO "carrier_refs" VALUES('simulated','sim-01a1feed-8ee4-7000-ba95-1dc757cb2200','+447700901300',X'01A1FEED8EE17000A3E0BD594DA0A800',1,1,'+447700900999',1795278343908097,NULL);
CREATE TABLE commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    verb TEXT NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken_by INTEGER,
    taken_at INTEGER
);
INSERT INTO "commands" VALUES(1,'settle','',1795278344609667,1,1795278344680676);
INSERT INTO "commands" VALUES(2,'pause','beta',1795278346191485,1,1795278346688341);
INSERT INTO "commands" VALUES(3,'resume','beta',1795278347694862,1,1795278348202877);
CREATE TABLE digests (
    digest BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (digest, number)
) WITHOUT ROWID;
CREATE TABLE idempotency (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body_digest BLOB NOT NULL,
    result TEXT NOT NULL,     -- JSON list of what became of each item
    at INTEGER NOT NULL
);
INSERT INTO "idempotency" VALUES(1,X'C514DCF3C1D34939F3804D82290D075907A18BCFEBC12EBD8DAC826DACB0D050','POST','/v1/sms/send',X'B734ADCC6968AB434D259DA78D0615B6BB64D360738467B70D55B7A0BBC184C3','[["01a1feed8df970009054596ade285f00","queued",1,1795278343673885]]',1795278343673885);
INSERT INTO "idempotency" VALUES(2,X'9A0A545D7A6A2366DADBECDC7B55F41212BACF9D0E73D4BF2A66866F971B1BEC','POST','/v1/sms/send',X'AF52766620822F3D723C4A03502659218DBA71C515B3407AFCCB506EE9CFD347','[["01a1feed8e137000b83a0e8abdf16700","queued",1,1795278343699445]]',1795278343699445);
INSERT INTO "idempotency" VALUES(3,X'22FEABAFB55446ABBDC69319BB8218646AAC2B8C185356800E460951D376C064','POST','/v1/sms/send',X'E3CB520281777F9A761A5BA713692EC33418D9CD708570B667C47F1906541A81','[["01a1feed8e577000b6245118b8e9a400","queued",1,1795278343767096]]',1795278343767096);
INSERT INTO "idempotency" VALUES(4,X'85E8FA7BE865FB764F126613099E1F1C3B93AFA209CFDA9A4DF5FCE3C3DC5AB0','POST','/v1/sms/send',X'BF90E785CE6FCB275A3B847F86386C9FBFB5BA8AFCFE3054D97C1E61105B7B96','[["01a1feed8e707000aa535adde7371000","queued",1,1795278343792952]]',1795278343792952);
INSERT INTO "idempotency" VALUES(5,X'707115D6076BAB666B053D756F1BC9A778FFFD4794E332CCD7563A0511587852','POST','/v1/sms/send',X'3B6156A6B18D0BB487F8D10915AA3205FE05F4A19721A3E9423DD3592342FB30','[["01a1feed8e8a7000869c7c0a36948b00","queued",2,1795278343818157]]',1795278343818157);
INSERT INTO "idempotency" VALUES(6,X'8FB4B903C2F6131582E8A87AED27076B83E0DE34C201CF2CD998AFF358562A7F','POST','/v1/sms/send',X'AB85DEE03B0482357CB50BE12E7D4B869ABF31212028634D9DE14A6D2B538454','[["01a1feed8ee37000b9f51b078d2add00","queued",1,1795278343907887]]',1795278343907887);
INSERT INTO "idempotency" VALUES(7,X'A857E79CAC2CCA23831B2FDB1D52D530167E03C276487F34A00304565710C3BA','POST','/v1/sms/send',X'5A80DC4CF2BDA07DE13A15AA483B8EECB86A1BAE5F738B87B4309CABEA2BCEEE','[["01a1feed92797000ae77dca61fb37500","queued",1,1795278344825646]]',1795278344825646);
INSERT INTO "idempotency" VALUES(8,X'97ED9E3AE30B9E4FA2F1AE089D0FD6D6BD673F946B2BA0DCC019C702C585C566','POST','/v1/sms/send',X'7F83C59B4BC4C3D1E198C40C0BF94372D848F9D671271744D130C7AB8F4179D6','[["01a1feed94ff7000a1cce938af167800","queued",1,1795278345471419]]',1795278345471419);
INSERT INTO "idempotency" VALUES(9,X'73CEC243B499BF5D925237058C4D887E7BCDF58B75449DDBE0534A6630668956','POST','/v1/sms/send',X'DD6E2D706AE2734FB961BCEFC31F58D7BFAED516E6F9FC645CFE684EC9D04DE4','[["01a1feed954f7000b8ed5e35778bff00","queued",1,1795278345551089]]',1795278345551089);
INSERT INTO "idempotency" VALUES(10,X'3E6147C0455C7D9A9B985BDED2E3DC676DAC412CEDA5BE986C49424B5E7767AC','POST','/v1/sms/send',X'ECBB489A53B6579F8B7AC9442E6F35D753EC65A104CC07E8DD0E502BCE69BC3C','[["01a1feeda12170008a4fe0d87e9cdd00","queued",1,1795278348577493]]',1795278348577493);
INSERT INTO "idempotency" VALUES(11,X'187BE6E2679D2F56DE50A73551CD3CC35BB759A16476A5C65DEDC1ECD702BB84','POST','/v1/sms/send',X'D6D9DE76C59199610C25750425B794F2FAD5C0E1C810798B432193E7C3E7BEFD','[["01a1feeda12d7000a2eb9b4fa30ec500","queued",1,1795278348589846]]',1795278348589846);
INSERT INTO "idempotency" VALUES(12,X'00F9E8A6F2B3E55C7DAF77F742D3D8B5E0A15D89114D8C43CE4793EF6EC41DAF','POST','/v1/sms/send',X'AC6F24FD6E65B8C46C474BBB18E9A322428643F7697A4D0DDC0193421ED04459','[["01a1feeda1487000a3a4c76e960cc400","queued",1,1795278348616856]]',1795278348616856);
INSERT INTO "idempotency" VALUES(13,X'5A492145DE4147BEEC120E9E255DECBB34B4EDCA6CF0CED1C9C7F43B26035E75','POST','/v1/sms/send',X'7EF7DD02B24DBC9425E0DAA8FD911DC7644CD2597F170F315E7E97CE1ADBE5EF','[["01a1feeda5347000b8f32895aee7d700","queued",1,1795278349620440]]',1795278349620440);
CREATE TABLE inbound (
    id BLOB PRIMARY KEY,
    operator TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    account TEXT,
    env TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    keyword TEXT,
    action TEXT,
    reply_to BLOB
) WITHOUT ROWID;
INSERT INTO "inbound" VALUES(X'01A1FEED8F287000AF21DDDC3EB1BE00','alpha','erased:49ae1e0236c127624d37ae363e05bb37','+447700900999','',1795278343975345,'acme','live','',NULL,NULL,X'01A1FEED8EE37000B9F51B078D2ADD00');
INSERT INTO "inbound" VALUES(X'01A1FEED8F3F70009702CF7D2CD7D300','alpha','+447700900888','+447700900999','STOP',1795278343998406,'acme','live','','STOP','stop',NULL);
CREATE TABLE inbound_parts (
    number INTEGER PRIMARY KEY,
    operator TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    concat_ref INTEGER,
    total INTEGER NOT NULL,
    part INTEGER NOT NULL,
    body TEXT NOT NULL,
    data BLOB,
    at INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    joined INTEGER NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "inbound_parts" VALUES(1,'alpha','erased:49ae1e0236c127624d37ae363e05bb37','+447700900999',NULL,1,1,'',NULL,1795278343975345,X'',1,1);
INSERT INTO "inbound_parts" VALUES(2,'alpha','+447700900888','+447700900999',NULL,1,1,'',NULL,1795278343998406,X'1B9C36F8D95CF9B26D25A789F40E871E',1,1);
INSERT INTO "inbound_parts" VALUES(3,'alpha','+447700900666','+447700900999',42,2,1,'The first half',NULL,1795278344045079,X'5A9D961563E3CC7220FF6BDB362B1A24',0,1);
CREATE TABLE keys (
    digest BLOB PRIMARY KEY,
    key_id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
INSERT INTO "keys" VALUES(X'5B672302248A31261EFBF8D064340114AB8B2B50151A50740ED6C301FFE6279B','key_995affeed76b81d6','other','{"key_id":"key_995affeed76b81d6","digest":"5b672302248a31261efbf8d064340114ab8b2b50151a50740ed6c301ffe6279b","account":"other","env":"live","scopes":["read:messages","send:sms"],"created_at":1795278338805560,"expires_at":null,"revoked_at":null,"allow_from":["127.0.0.0/8"],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'5D87C7588AE81CA83ACF1B903A529BF260E2DE93DBBADD5CF3024829F2303768','key_4afd16ca2377939f','acme','{"key_id":"key_4afd16ca2377939f","digest":"5d87c7588ae81ca83acf1b903a529bf260e2de93dbbadd5cf3024829f2303768","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795278337428331,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'5E5EC69C0A8D05947205A2EFB4BF9B8AC5B186ABE4DB9AA84A7826EEB6EE3897','key_d1bcf926aba0750f','acme','{"key_id":"key_d1bcf926aba0750f","digest":"5e5ec69c0a8d05947205a2efb4bf9b8ac5b186abe4db9aa84a7826eeb6ee3897","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795278339595804,"expires_at":null,"revoked_at":1795278340841732,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'741C31D3FC1B0BD43EEF03C4DEDB74D06023255E64CD77581D7E87AC73F3241B','key_720eef2aa6ba1c1e','acme','{"key_id":"key_720eef2aa6ba1c1e","digest":"741c31d3fc1b0bd43eef03c4dedb74d06023255e64cd77581d7e87ac73f3241b","account":"acme","env":"test","scopes":["read:messages","send:sms"],"created_at":1795278338125108,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'A6FC64C7E37F9E48D52E819B771643C4AAC9DFFC55C243480CC672ACCC5D5359','key_0df5a63a1afdf1e4','acme','{"key_id":"key_0df5a63a1afdf1e4","digest":"a6fc64c7e37f9e48d52e819b771643c4aac9dffc55c243480cc672accc5d5359","account":"acme","env":"live","scopes":["admin","read:messages"],"created_at":1795278340254708,"expires_at":null,"revoked_at":null,"allow_from":[],"member":"ann","sub_tenant":null}');
CREATE TABLE messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    priority INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    facts TEXT NOT NULL,      -- JSON: what never changes
    status TEXT NOT NULL,
    operator TEXT,
    owner INTEGER,
    next_at INTEGER,
    final_at INTEGER,
    in_doubt INTEGER NOT NULL, -- parts in doubt of the latest attempt
    state TEXT NOT NULL       -- JSON: what decisions rewrite, with the parts of the latest attempt
);
INSERT INTO "messages" VALUES(1,X'01A1FEED8DF970009054596ADE285F00','acme','live','+447700900999','+447700901100','',1,1795278343673885,1795537543673885,'["orchestrator","This one is delivered",1,null,0,null,"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","key_4afd16ca2377939f","req_01M7ZEV3FSJJZM40CEJJ9KQ27T",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795278343683637,0,'[null,"all",1,1,[],1,1,false,1,1795278343677759,null,2,[[1,1,"alpha",3,"0000000001",null,1795278343677759,1795278343683637,null,null]]]');
INSERT INTO "messages" VALUES(2,X'01A1FEED8E137000B83A0E8ABDF16700','acme','live','+447700900999','+447700901101','',1,1795278343699445,1795537543699445,'["orchestrator","This one is undelivered",1,null,0,null,"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","key_4afd16ca2377939f","req_01M7ZEV3GKEFK80BFZK4DGQN1Q",null,null,false,null,null]','failed','alpha',NULL,NULL,1795278343744824,0,'["carrier_error","all",1,1,[],1,1,false,1,1795278343702128,["carrier_error","receipt: UNDELIV err:001","UNDELIV err:001",1795278343744824],2,[[1,1,"alpha",5,"0000000002","UNDELIV err:001",1795278343702128,1795278343744824,null,null]]]');
INSERT INTO "messages" VALUES(3,X'01A1FEED8E577000B6245118B8E9A400','acme','live','+447700900999','+447700901102','',1,1795278343767096,1795537543767096,'["orchestrator","This one is refused",1,null,0,null,"{\"order\":\"refused\",\"name\":\"Zoë 👋\"}","key_4afd16ca2377939f","req_01M7ZEV3JPJ79TH7FK28M4AZH4",null,null,false,null,null]','undeliverable','alpha',NULL,NULL,1795278343769321,0,'["invalid_number","all",1,1,[],1,1,false,1,1795278343769321,["invalid_number","refused by alpha: ESME_RINVDSTADR","ESME_RINVDSTADR",1795278343769321],1,[[1,1,"alpha",6,null,"ESME_RINVDSTADR",1795278343769321,null,null,null]]]');
INSERT INTO "messages" VALUES(4,X'01A1FEED8E707000AA535ADDE7371000','acme','live','+447700900999','+447700901103','',1,1795278343792952,1795537543792952,'["orchestrator","This one is second",1,null,0,null,"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","key_4afd16ca2377939f","req_01M7ZEV3KGPBJ5PZ9PQGFS1CX5",null,null,false,null,null]','delivered','beta',NULL,NULL,1795278343806032,0,'[null,"all",2,1,["alpha"],2,1,false,1,1795278343795495,["carrier_error","ESME_RINVMSGLEN","ESME_RINVMSGLEN",1795278343795495],2,[[2,1,"beta",3,"0000005000",null,1795278343799364,1795278343806032,null,null]]]');
INSERT INTO "messages" VALUES(5,X'01A1FEED8E8A7000869C7C0A36948B00','acme','live','+447700900999','+447700901200','',1,1795278343818157,1795537543818157,'["orchestrator","All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. ",2,null,8867,null,null,"key_4afd16ca2377939f","req_01M7ZEV3MA0VA8JDP8PMSWE0C1",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795278343865069,0,'[null,"all",1,1,[],1,2,false,1,1795278343821309,null,2,[[1,1,"alpha",3,"0000000003",null,1795278343821309,1795278343865023,null,null],[1,2,"alpha",3,"0000000004",null,1795278343864772,1795278343865069,null,null]]]');
INSERT INTO "messages" VALUES(6,X'01A1FEED8EE17000A3E0BD594DA0A800','acme','test','+447700900999','+447700901300','',1,1795278343905868,1795537543905868,'["orchestrator","Your code is 123456",1,null,0,null,null,"key_720eef2aa6ba1c1e","req_01M7ZEV3Q0VP8XEK8R1WQD8EPT",null,null,false,null,null]','delivered','simulated',NULL,NULL,1795278344408561,0,'[null,"test",1,1,[],1,1,false,1,1795278343908097,null,2,[[1,1,"simulated",3,"sim-01a1feed-8ee4-7000-ba95-1dc757cb2200",null,1795278343908097,1795278344408561,null,null]]]');
INSERT INTO "messages" VALUES(7,X'01A1FEED8EE37000B9F51B078D2ADD00','acme','live','+447700900999','erased:49ae1e0236c127624d37ae363e05bb37','',1,1795278343907887,1795537543907887,'["orchestrator","",1,null,0,null,null,"key_4afd16ca2377939f","req_01M7ZEV3Q32HQZC6DWP2FTKBCE",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795278343952882,0,'[null,"all",1,1,[],1,1,false,1,1795278343910944,null,2,[[1,1,"alpha",3,"0000000005",null,1795278343910944,1795278343952882,null,null]]]');
INSERT INTO "messages" VALUES(8,X'01A1FEED8F3F700282F46DFF002F0300','acme','live','+447700900999','+447700900888','',0,1795278343999037,1795364743999037,'["orchestrator","You are unsubscribed and will get no more messages. Reply START to resubscribe.",1,null,0,null,null,"reply","",null,null,true,null,null]','delivered','alpha',NULL,NULL,1795278344044939,0,'[null,"reply",1,1,[],1,1,false,1,1795278344003522,null,0,[[1,1,"alpha",3,"0000000006",null,1795278344003522,1795278344044939,null,null]]]');
INSERT INTO "messages" VALUES(9,X'01A1FEED92797000AE77DCA61FB37500','acme','live','+447700900999','+447700901400','',1,1795278344825646,1795537544825646,'["orchestrator","This one is given_up",1,null,0,"http://127.0.0.1:31550/gone",null,"key_4afd16ca2377939f","req_01M7ZEV4KRKQX8F3JB96KVBGNF",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795278344868778,0,'[null,"all",1,1,[],1,1,false,1,1795278344828598,null,2,[[1,1,"alpha",3,"0000000007",null,1795278344828598,1795278344868778,null,null]]]');
INSERT INTO "messages" VALUES(10,X'01A1FEED94FF7000A1CCE938AF167800','acme','live','+447700900999','+447700901500','',1,1795278345471419,1795537545471419,'["orchestrator","This one is tried_again",1,null,0,"http://127.0.0.1:31551/hooks",null,"key_4afd16ca2377939f","req_01M7ZEV57ZGVEMWT6QGAD1BHWP",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795278345544811,0,'[null,"all",1,1,[],1,1,false,1,1795278345501347,null,2,[[1,1,"alpha",3,"0000000008",null,1795278345501347,1795278345544811,null,null]]]');
INSERT INTO "messages" VALUES(11,X'01A1FEED954F7000B8ED5E35778BFF00','acme','live','+447700900999','+447700901600','',1,1795278345551089,1795537545551089,'["orchestrator","This one is under_way",1,null,0,null,null,"key_4afd16ca2377939f","req_01M7ZEV5AEDENT86MFJA1STTX5",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795278345596749,0,'[null,"all",1,1,[],1,1,false,1,1795278345553861,null,2,[[1,1,"alpha",3,"0000000009",null,1795278345553861,1795278345596749,null,null]]]');
INSERT INTO "messages" VALUES(12,X'01A1FEEDA12170008A4FE0D87E9CDD00','acme','live','+447700900999','+4917009017','',1,1795278348577493,1795537548577493,'["orchestrator","This one is waiting",1,null,0,null,null,"key_4afd16ca2377939f","req_01M7ZEV890YB1BW17HMQPJ84QE",null,null,false,null,null]','queued','gamma',NULL,1795278348577493,NULL,0,'[null,"de",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                   ');
INSERT INTO "messages" VALUES(13,X'01A1FEEDA12D7000A2EB9B4FA30EC500','acme','live','+447700900999','+447700901700','',1,1795278348589846,1795537548589846,'["orchestrator","This one is sent",1,null,0,null,null,"key_4afd16ca2377939f","req_01M7ZEV89DD6332NSH8WJY5J2W",null,null,false,null,null]','sent','alpha',NULL,NULL,NULL,0,'[null,"all",1,1,[],1,1,false,1,1795278348592831,null,1,[[1,1,"alpha",2,"0000000010",null,1795278348592831,null,null,null]]]                                     ');
INSERT INTO "messages" VALUES(14,X'01A1FEEDA1487000A3A4C76E960CC400','acme','live','+447700900999','+447700901800','',1,1795278348616856,1795537548616856,'["orchestrator","This one is in_doubt",1,null,0,null,null,"key_4afd16ca2377939f","req_01M7ZEV8A8951TACTGQSECSF7B",null,null,false,null,null]','queued','alpha',NULL,1795278648639942,NULL,1,'[null,"all",1,1,[],1,1,true,1,null,null,0,[[1,1,"alpha",1,null,"the link was lost before the answer",1795278348639942,null,null,null]]]                         ');
INSERT INTO "messages" VALUES(15,X'01A1FEEDA5347000B8F32895AEE7D700','acme','live','+447700900999','+447700901900','',1,1795278349620440,1795537549620440,'["orchestrator","This one is in_hand",1,null,0,null,null,"key_4afd16ca2377939f","req_01M7ZEV99M144B529980S9ZMHE",null,null,false,null,null]','queued','alpha',1,NULL,NULL,0,'[null,"all",1,1,[],1,1,false,1,null,null,0,[]]                                                                                                                  ');
INSERT INTO "messages" VALUES(16,X'01A1FEEDA5717000BB9BA4EB953AA700','acme','live','+447700900999','+447700902000','',1,1795278349681859,1795537549681859,'["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795280149681859,false,null,null]','scheduled','alpha',NULL,1795280149681859,NULL,0,'[null,"all",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                  ');
INSERT INTO "messages" VALUES(17,X'01A1FEEDA57170018FDD6D79860ADD00','acme','live','+447700900999','+447700902000','',1,1795278349681859,1795537549681859,'["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795280149681859,false,null,null]','canceled','alpha',NULL,NULL,1795278349681859,0,'[null,"all",0,0,[],1,0,false,0,null,null,0,[]]');
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" VALUES('digests',0);
INSERT INTO "meta" VALUES('generation',20);
INSERT INTO "meta" VALUES('probe',1);
INSERT INTO "meta" VALUES('recipients',8);
CREATE TABLE numbers (
    number TEXT NOT NULL,
    keyword TEXT NOT NULL,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (number, keyword)
) WITHOUT ROWID;
INSERT INTO "numbers" VALUES('+447700900999','','acme','live',1795278341457565);
INSERT INTO "numbers" VALUES('60777','win','other','live',1795278342019428);
CREATE TABLE operator_states (
    operator TEXT NOT NULL,
    process INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    binds TEXT NOT NULL,      -- JSON
    waiting INTEGER NOT NULL,
    in_flight INTEGER NOT NULL, ailing TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (operator, process)
) WITHOUT ROWID;
INSERT INTO "operator_states" VALUES('alpha',1,1795278348709804,'down','[{"bind":0,"state":"waiting","since":"2026-11-21T16:25:48+00:00","last_error":"closed by the peer","reconnect_at":"2026-11-21T16:25:49+00:00","window_used":0,"window":100,"message_ids":"as_is","message_ids_learned":true,"rate_per_s":0.0,"waits_for":null}]',0,0,'[]');
INSERT INTO "operator_states" VALUES('beta',1,1795278348709804,'up','[{"bind":0,"state":"bound","since":"2026-11-21T16:25:43+00:00","last_error":null,"reconnect_at":null,"window_used":0,"window":100,"message_ids":"any","message_ids_learned":false,"rate_per_s":0.0,"waits_for":null}]',0,0,'[]');
INSERT INTO "operator_states" VALUES('gamma',1,1795278348709804,'down','[{"bind":0,"state":"waiting","since":"2026-11-21T16:25:47+00:00","last_error":"ConnectionRefusedError: [Errno 111] Connection refused","reconnect_at":"2026-11-21T16:25:48+00:00","window_used":0,"window":100,"message_ids":"any","message_ids_learned":false,"rate_per_s":0.0,"waits_for":null}]',0,0,'[]');
INSERT INTO "operator_states" VALUES('simulated',1,1795278348709804,'up','[]',0,0,'[]');
CREATE TABLE parts (
    message_id BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    part INTEGER NOT NULL,
    operator TEXT NOT NULL,
    state INTEGER NOT NULL,   -- gateway.domain.words.PartState
    ref TEXT,
    error TEXT,
    at INTEGER NOT NULL,
    receipt_at INTEGER,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    PRIMARY KEY (message_id, attempt, part)
) WITHOUT ROWID;
INSERT INTO "parts" VALUES(X'01A1FEED8E707000AA535ADDE7371000',1,1,'alpha',6,NULL,'ESME_RINVMSGLEN',1795278343795495,NULL,'+447700900999','+447700901103');
CREATE TABLE processes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    token INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL
);
INSERT INTO "processes" VALUES(1,1,'c4e87097-d876-4b9b-8e1a-43fcc6f5b56c',17318,1795278343589452);
CREATE TABLE recipients (
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (recipient, sender, number)
) WITHOUT ROWID;
INSERT INTO "recipients" VALUES('+447700900888','+447700900999',8);
INSERT INTO "recipients" VALUES('+447700901100','+447700900999',1);
INSERT INTO "recipients" VALUES('+447700901101','+447700900999',2);
INSERT INTO "recipients" VALUES('+447700901102','+447700900999',3);
INSERT INTO "recipients" VALUES('+447700901103','+447700900999',4);
INSERT INTO "recipients" VALUES('+447700901200','+447700900999',5);
INSERT INTO "recipients" VALUES('+447700901300','+447700900999',6);
INSERT INTO "recipients" VALUES('erased:49ae1e0236c127624d37ae363e05bb37','+447700900999',7);
CREATE TABLE schema_migrations (
    name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID
;
INSERT INTO "schema_migrations" VALUES('0001_pre_begin','cab319ffed1f060b29f1b6008027fae724cf81ff5722215909b6583bfa486ed0','2026-11-21 16:25:34');
INSERT INTO "schema_migrations" VALUES('0002_pre_erasure','9e14b93f758a1055a7b7164b72b2784851e5966be8690d7e992598250a92e624','2026-11-21 16:25:34');
INSERT INTO "schema_migrations" VALUES('0003_pre_standings','e0691757c7344e0a478864802c3ae7936a8cfcd717d831767b08e8dc6a7d1069','2026-11-21 16:25:34');
CREATE TABLE suppressions (
    number TEXT NOT NULL,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (number, account, env, sub_tenant)
) WITHOUT ROWID;
INSERT INTO "suppressions" VALUES('+447700900888','acme','live','','stop',1795278343999037);
INSERT INTO "suppressions" VALUES('+447700900999','acme','live','','manual',1795278342559643);
INSERT INTO "suppressions" VALUES('+447700901102','acme','live','','invalid_number',1795278343769321);
INSERT INTO "suppressions" VALUES('erased:49ae1e0236c127624d37ae363e05bb37','acme','live','','erased',1795278344609667);
CREATE TABLE webhooks (
    id BLOB PRIMARY KEY,
    subject BLOB NOT NULL,
    seq INTEGER NOT NULL,
    account TEXT NOT NULL,
    destination TEXT NOT NULL,
    document TEXT NOT NULL,   -- JSON
    state INTEGER NOT NULL,   -- 0 pending, 1 claimed, 2 delivered, 3 dead
    owner INTEGER,
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    body BLOB,
    settled_at INTEGER,
    error TEXT
) WITHOUT ROWID;
INSERT INTO "webhooks" VALUES(X'01A1FEED8DFD70008763F1505B661A00',X'01A1FEED8DF970009054596ADE285F00',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","sent",1795278343677759,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8df9-7000-9054-596ade285f00","status":"sent","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795278343677759,1,NULL,1795278343680997,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8E037000AB269895BB88F000',X'01A1FEED8DF970009054596ADE285F00',2,'acme','acme http://127.0.0.1:31550','["live","orchestrator","delivered",1795278343683637,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8df9-7000-9054-596ade285f00","status":"delivered","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795278343683637,1,NULL,1795278343686511,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8E1670009D796BA70E05DC00',X'01A1FEED8E137000B83A0E8ABDF16700',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","sent",1795278343702128,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8e13-7000-b83a-0e8abdf16700","status":"sent","reason":null,"recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795278343702128,1,NULL,1795278343703972,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8E407000862601AC42ED1600',X'01A1FEED8E137000B83A0E8ABDF16700',2,'acme','acme http://127.0.0.1:31550','["live","orchestrator","failed",1795278343744824,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8e13-7000-b83a-0e8abdf16700","status":"failed","reason":"carrier_error","recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","operator_error":"UNDELIV err:001"}]',2,NULL,1795278343744824,1,NULL,1795278343747853,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8E597000A7F92C4B045B0E00',X'01A1FEED8E577000B6245118B8E9A400',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","undeliverable",1795278343769321,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8e57-7000-b624-5118b8e9a400","status":"undeliverable","reason":"invalid_number","recipient":"+447700901102","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"refused\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVDSTADR"}]',2,NULL,1795278343769321,1,NULL,1795278343771261,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8E777000B37BF52F06930500',X'01A1FEED8E707000AA535ADDE7371000',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","sent",1795278343799364,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8e70-7000-aa53-5adde7371000","status":"sent","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVMSGLEN"}]',2,NULL,1795278343799364,1,NULL,1795278343801344,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8E7E7000A20D7C4EDB6C4D00',X'01A1FEED8E707000AA535ADDE7371000',2,'acme','acme http://127.0.0.1:31550','["live","orchestrator","delivered",1795278343806032,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8e70-7000-aa53-5adde7371000","status":"delivered","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVMSGLEN"}]',2,NULL,1795278343806032,1,NULL,1795278343809157,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8EB87000A3B896951B92FA00',X'01A1FEED8E8A7000869C7C0A36948B00',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","sent",1795278343864772,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8e8a-7000-869c-7c0a36948b00","status":"sent","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795278343864772,1,NULL,1795278343867825,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8EB970009857D05C56BCAF00',X'01A1FEED8E8A7000869C7C0A36948B00',2,'acme','acme http://127.0.0.1:31550','["live","orchestrator","delivered",1795278343865069,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8e8a-7000-869c-7c0a36948b00","status":"delivered","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795278343865069,1,NULL,1795278343904697,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8EE4700191BDA0BED748CE00',X'01A1FEED8EE17000A3E0BD594DA0A800',1,'acme','acme http://127.0.0.1:31550','["test","orchestrator","sent",1795278343908097,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8ee1-7000-a3e0-bd594da0a800","status":"sent","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795278343908097,1,NULL,1795278343910581,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8EE67000B186984684316000',X'01A1FEED8EE37000B9F51B078D2ADD00',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","sent",1795278343910944,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8ee3-7000-b9f5-1b078d2add00","status":"sent","reason":null,"recipient":"erased:49ae1e0236c127624d37ae363e05bb37","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795278343910944,1,NULL,1795278343912575,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8F107000A44CFB734DCB1B00',X'01A1FEED8EE37000B9F51B078D2ADD00',2,'acme','acme http://127.0.0.1:31550','["live","orchestrator","delivered",1795278343952882,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8ee3-7000-b9f5-1b078d2add00","status":"delivered","reason":null,"recipient":"erased:49ae1e0236c127624d37ae363e05bb37","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795278343952882,1,NULL,1795278343957008,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8F287001961A1FAB439B7F00',X'01A1FEED8F287000AF21DDDC3EB1BE00',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","inbound",1795278343976212,"http://127.0.0.1:31550/hooks",{"inbound_id":"01a1feed-8f28-7000-af21-dddc3eb1be00","sender":"erased:49ae1e0236c127624d37ae363e05bb37","recipient":"+447700900999","body":"","keyword":null,"action":null,"operator":"alpha","reply_to":"01a1feed-8ee3-7000-b9f5-1b078d2add00","metadata":null}]',2,NULL,1795278343976212,1,NULL,1795278343977785,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED8F3F7001ABF6D769F32CAE00',X'01A1FEED8F3F70009702CF7D2CD7D300',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","inbound",1795278343999037,"http://127.0.0.1:31550/hooks",{"inbound_id":"01a1feed-8f3f-7000-9702-cf7d2cd7d300","sender":"+447700900888","recipient":"+447700900999","body":"STOP","keyword":"STOP","action":"stop","operator":"alpha","reply_to":null,"metadata":null}]',2,NULL,1795278343999037,1,NULL,1795278344001992,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED90D87000829C4034881C4B00',X'01A1FEED8EE17000A3E0BD594DA0A800',2,'acme','acme http://127.0.0.1:31550','["test","orchestrator","delivered",1795278344408561,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-8ee1-7000-a3e0-bd594da0a800","status":"delivered","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795278344408561,1,NULL,1795278344411661,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED927C7000AAF3A088A024E400',X'01A1FEED92797000AE77DCA61FB37500',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","sent",1795278344828598,"http://127.0.0.1:31550/gone",{"message_id":"01a1feed-9279-7000-ae77-dca61fb37500","status":"sent","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',3,NULL,1795278344828598,1,X'7B226964223A2230316131666565642D393237632D373030302D616166332D613038386130323465343030222C2274797065223A226D6573736167652E73656E74222C226F636375727265644174223A22323032362D31312D32315431363A32353A34342E3832385A222C2264617461223A7B226D6573736167654964223A2230316131666565642D393237392D373030302D616537372D646361363166623337353030222C22737461747573223A2253454E54222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031343030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',1795278344837673,'410: ');
INSERT INTO "webhooks" VALUES(X'01A1FEED92A470008DDE000AE4E89500',X'01A1FEED92797000AE77DCA61FB37500',2,'acme','acme http://127.0.0.1:31550','["live","orchestrator","delivered",1795278344868778,"http://127.0.0.1:31550/gone",{"message_id":"01a1feed-9279-7000-ae77-dca61fb37500","status":"delivered","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',3,NULL,1795278344868778,1,X'7B226964223A2230316131666565642D393261342D373030302D386464652D303030616534653839353030222C2274797065223A226D6573736167652E64656C697665726564222C226F636375727265644174223A22323032362D31312D32315431363A32353A34342E3836385A222C2264617461223A7B226D6573736167654964223A2230316131666565642D393237392D373030302D616537372D646361363166623337353030222C22737461747573223A2244454C495645524544222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031343030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',1795278344873085,'410: ');
INSERT INTO "webhooks" VALUES(X'01A1FEED951D700095E7C867C5313C00',X'01A1FEED94FF7000A1CCE938AF167800',1,'acme','acme http://127.0.0.1:31551','["live","orchestrator","sent",1795278345501347,"http://127.0.0.1:31551/hooks",{"message_id":"01a1feed-94ff-7000-a1cc-e938af167800","status":"sent","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795278350513935,1,X'7B226964223A2230316131666565642D393531642D373030302D393565372D633836376335333133633030222C2274797065223A226D6573736167652E73656E74222C226F636375727265644174223A22323032362D31312D32315431363A32353A34352E3530315A222C2264617461223A7B226D6573736167654964223A2230316131666565642D393466662D373030302D613163632D653933386166313637383030222C22737461747573223A2253454E54222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031353030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',NULL,'no connection to http://127.0.0.1:31551: Connection refused');
INSERT INTO "webhooks" VALUES(X'01A1FEED95487000A89E9E66D45BD500',X'01A1FEED94FF7000A1CCE938AF167800',2,'acme','acme http://127.0.0.1:31551','["live","orchestrator","delivered",1795278345544811,"http://127.0.0.1:31551/hooks",{"message_id":"01a1feed-94ff-7000-a1cc-e938af167800","status":"delivered","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795278350513935,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED95517000A0864EBE766C0D00',X'01A1FEED954F7000B8ED5E35778BFF00',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","sent",1795278345553861,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-954f-7000-b8ed-5e35778bff00","status":"sent","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',1,1,1795278345553861,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEED957C70008FD1E0D23C6EB000',X'01A1FEED954F7000B8ED5E35778BFF00',2,'acme','acme http://127.0.0.1:31550','["live","orchestrator","delivered",1795278345596749,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-954f-7000-b8ed-5e35778bff00","status":"delivered","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795278345596749,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEEDA1307000B5EFE59959DA0500',X'01A1FEEDA12D7000A2EB9B4FA30EC500',1,'acme','acme http://127.0.0.1:31550','["live","orchestrator","sent",1795278348592831,"http://127.0.0.1:31550/hooks",{"message_id":"01a1feed-a12d-7000-a2eb-9b4fa30ec500","status":"sent","reason":null,"recipient":"+447700901700","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',1,1,1795278348592831,0,NULL,NULL,NULL);
CREATE INDEX messages_by_account ON messages (account, env, id);
CREATE INDEX messages_ended ON messages (account, env, status, id)
    WHERE status IN ('undeliverable', 'failed', 'canceled');
CREATE INDEX messages_waiting ON messages (operator, priority, next_at, id)
    WHERE next_at IS NOT NULL AND owner IS NULL;
CREATE INDEX messages_waiting_by_id ON messages (operator, id) WHERE next_at IS NOT NULL AND owner IS NULL;
CREATE INDEX messages_open ON messages (expires_at) WHERE final_at IS NULL;
CREATE INDEX messages_in_doubt ON messages (recipient) WHERE in_doubt > 0;
CREATE INDEX parts_in_doubt ON parts (recipient) WHERE state = 1;
CREATE INDEX carrier_refs_parked ON carrier_refs (operator, destination) WHERE receipts IS NOT NULL;
CREATE INDEX webhooks_open ON webhooks (subject, seq) WHERE state < 2;
CREATE INDEX webhooks_pending ON webhooks (destination, next_at, id) WHERE state = 0;
CREATE INDEX webhooks_dead ON webhooks (id) WHERE state = 3;
CREATE INDEX suppressions_by_account ON suppressions (account, created_at);
CREATE INDEX suppressions_by_time ON suppressions (created_at);
CREATE INDEX keys_by_account ON keys (account);
CREATE INDEX inbound_by_account ON inbound (account, id);
CREATE INDEX inbound_parts_waiting ON inbound_parts (operator, sender, recipient, concat_ref, total, part)
    WHERE joined = 0;
CREATE INDEX inbound_parts_unanswered ON inbound_parts (operator, fingerprint) WHERE answered = 0;
CREATE INDEX commands_new ON commands (number) WHERE taken_by IS NULL;
CREATE INDEX inbound_by_sender ON inbound (sender, id);
CREATE INDEX inbound_parts_by_sender ON inbound_parts (sender);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('processes',1);
INSERT INTO "sqlite_sequence" VALUES('messages',17);
INSERT INTO "sqlite_sequence" VALUES('idempotency',13);
INSERT INTO "sqlite_sequence" VALUES('commands',3);
COMMIT;
