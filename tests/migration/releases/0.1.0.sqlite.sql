BEGIN TRANSACTION;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
INSERT INTO "accounts" VALUES('acme','{"name":"acme","created_at":1795275331989112,"live":{"webhook_url":"http://127.0.0.1:16663/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":"http://127.0.0.1:16663/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["01ba2bd0666fe26d3672c97e8d63ce97e82f28a4c9303c73318ca236e24fee348d8f78883e321a996a0a9a95896fa3b7c606266fe9"],"old_secret_until":null,"disabled":false}');
INSERT INTO "accounts" VALUES('other','{"name":"other","created_at":1795275334812826,"live":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["011ebf0887d7df8ada03ddb6fa6344cfa008e45bba8f11ab65b2a54afe67e2626457f0aea7e510e2447147808c586185f78bbe0f67"],"old_secret_until":null,"disabled":false}');
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
INSERT INTO "carrier_refs" VALUES('alpha','0000000001','+447700901100',X'01A1FEC025387000AEB5570304FD6100',1,1,'+447700900999',1795275367740532,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000002','+447700901101',X'01A1FEC025CD7000A1E9C082217F3200',1,1,'+447700900999',1795275367888390,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000003','+447700901200',X'01A1FEC0267D700096A0ACAE3E41E800',1,1,'+447700900999',1795275368064757,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000004','+447700901200',X'01A1FEC0267D700096A0ACAE3E41E800',1,2,'+447700900999',1795275368065742,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000005','erased:c3ba24a2825ad8cc1ba459d4339e8403',X'01A1FEC026FB7000A376B2B2BC019700',1,1,'+447700900999',1795275368190623,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000006','+447700900888',X'01A1FEC0274D70029863828DE2B5AA00',1,1,'+447700900999',1795275368274573,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000007','+447700901400',X'01A1FEC033507000A1647FEA83796300',1,1,'+447700900999',1795275371361185,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000008','+447700901500',X'01A1FEC03CA27000BDFB5D4DC1FD2600',1,1,'+447700900999',1795275373744292,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000009','+447700901600',X'01A1FEC03CE670008C6CA62BB39E3D00',1,1,'+447700900999',1795275373801536,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000010','+447700901700',X'01A1FEC050B17000883457725A096700',1,1,'+447700900999',1795275378867839,NULL);
INSERT INTO "carrier_refs" VALUES('beta','0000005000','+447700901103',X'01A1FEC0263E7000A8BF848D3BDA7F00',2,1,'+447700900999',1795275368018123,NULL);
INSERT INTO "carrier_refs" VALUES('beta','777777','+33700900555',NULL,NULL,NULL,'+447700900999',1795275371311278,'[["beta","777777","+447700900999","+33700900555",3,null,"DELIVRD err:000",1795275371311278,null]]');
INSERT INTO "carrier_refs" VALUES('simulated','sim-01a1fec0-26f9-7000-96b3-61c8a2fa1400','+447700901300',X'01A1FEC026F77000A3B0FAE95DEC9700',1,1,'+447700900999',1795275368185894,NULL);
CREATE TABLE commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    verb TEXT NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken_by INTEGER,
    taken_at INTEGER
);
INSERT INTO "commands" VALUES(1,'settle','',1795275370605177,1,1795275370745448);
INSERT INTO "commands" VALUES(2,'pause','beta',1795275375513251,1,1795275375795238);
INSERT INTO "commands" VALUES(3,'resume','beta',1795275377903566,1,1795275378307849);
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
INSERT INTO "idempotency" VALUES(1,X'C514DCF3C1D34939F3804D82290D075907A18BCFEBC12EBD8DAC826DACB0D050','POST','/v1/sms/send',X'B734ADCC6968AB434D259DA78D0615B6BB64D360738467B70D55B7A0BBC184C3','[["01a1fec025387000aeb5570304fd6100","queued",1,1795275367736222]]',1795275367736222);
INSERT INTO "idempotency" VALUES(2,X'9A0A545D7A6A2366DADBECDC7B55F41212BACF9D0E73D4BF2A66866F971B1BEC','POST','/v1/sms/send',X'AF52766620822F3D723C4A03502659218DBA71C515B3407AFCCB506EE9CFD347','[["01a1fec025cd7000a1e9c082217f3200","queued",1,1795275367885352]]',1795275367885352);
INSERT INTO "idempotency" VALUES(3,X'22FEABAFB55446ABBDC69319BB8218646AAC2B8C185356800E460951D376C064','POST','/v1/sms/send',X'E3CB520281777F9A761A5BA713692EC33418D9CD708570B667C47F1906541A81','[["01a1fec0261b7000b8d4573880739b00","queued",1,1795275367963720]]',1795275367963720);
INSERT INTO "idempotency" VALUES(4,X'85E8FA7BE865FB764F126613099E1F1C3B93AFA209CFDA9A4DF5FCE3C3DC5AB0','POST','/v1/sms/send',X'BF90E785CE6FCB275A3B847F86386C9FBFB5BA8AFCFE3054D97C1E61105B7B96','[["01a1fec0263e7000a8bf848d3bda7f00","queued",1,1795275367998609]]',1795275367998609);
INSERT INTO "idempotency" VALUES(5,X'707115D6076BAB666B053D756F1BC9A778FFFD4794E332CCD7563A0511587852','POST','/v1/sms/send',X'3B6156A6B18D0BB487F8D10915AA3205FE05F4A19721A3E9423DD3592342FB30','[["01a1fec0267d700096a0acae3e41e800","queued",2,1795275368061371]]',1795275368061371);
INSERT INTO "idempotency" VALUES(6,X'8FB4B903C2F6131582E8A87AED27076B83E0DE34C201CF2CD998AFF358562A7F','POST','/v1/sms/send',X'AB85DEE03B0482357CB50BE12E7D4B869ABF31212028634D9DE14A6D2B538454','[["01a1fec026fb7000a376b2b2bc019700","queued",1,1795275368187347]]',1795275368187347);
INSERT INTO "idempotency" VALUES(7,X'A857E79CAC2CCA23831B2FDB1D52D530167E03C276487F34A00304565710C3BA','POST','/v1/sms/send',X'1447AEB2B5CF564CF1E81CE8200184AB677FFBC2FEF22E1A35740B69955EC68D','[["01a1fec033507000a1647fea83796300","queued",1,1795275371344818]]',1795275371344818);
INSERT INTO "idempotency" VALUES(8,X'97ED9E3AE30B9E4FA2F1AE089D0FD6D6BD673F946B2BA0DCC019C702C585C566','POST','/v1/sms/send',X'10EC4BA1403A996DEFE1E0D3BBAE93AAA860D8A616CAB83AC9F809F775CCA09C','[["01a1fec03ca27000bdfb5d4dc1fd2600","queued",1,1795275373730296]]',1795275373730296);
INSERT INTO "idempotency" VALUES(9,X'73CEC243B499BF5D925237058C4D887E7BCDF58B75449DDBE0534A6630668956','POST','/v1/sms/send',X'DD6E2D706AE2734FB961BCEFC31F58D7BFAED516E6F9FC645CFE684EC9D04DE4','[["01a1fec03ce670008c6ca62bb39e3d00","queued",1,1795275373798202]]',1795275373798202);
INSERT INTO "idempotency" VALUES(10,X'3E6147C0455C7D9A9B985BDED2E3DC676DAC412CEDA5BE986C49424B5E7767AC','POST','/v1/sms/send',X'ECBB489A53B6579F8B7AC9442E6F35D753EC65A104CC07E8DD0E502BCE69BC3C','[["01a1fec050af70009a58713cdfb17900","queued",1,1795275378863434]]',1795275378863434);
INSERT INTO "idempotency" VALUES(11,X'187BE6E2679D2F56DE50A73551CD3CC35BB759A16476A5C65DEDC1ECD702BB84','POST','/v1/sms/send',X'D6D9DE76C59199610C25750425B794F2FAD5C0E1C810798B432193E7C3E7BEFD','[["01a1fec050b17000883457725a096700","queued",1,1795275378865870]]',1795275378865870);
INSERT INTO "idempotency" VALUES(12,X'00F9E8A6F2B3E55C7DAF77F742D3D8B5E0A15D89114D8C43CE4793EF6EC41DAF','POST','/v1/sms/send',X'AC6F24FD6E65B8C46C474BBB18E9A322428643F7697A4D0DDC0193421ED04459','[["01a1fec050cb700086de8501e22ac900","queued",1,1795275378891335]]',1795275378891335);
INSERT INTO "idempotency" VALUES(13,X'5A492145DE4147BEEC120E9E255DECBB34B4EDCA6CF0CED1C9C7F43B26035E75','POST','/v1/sms/send',X'7EF7DD02B24DBC9425E0DAA8FD911DC7644CD2597F170F315E7E97CE1ADBE5EF','[["01a1fec05b3270008b06ab6b059bd500","queued",1,1795275381554090]]',1795275381554090);
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
INSERT INTO "inbound" VALUES(X'01A1FEC027387000BF49BEA0975A8A00','alpha','erased:c3ba24a2825ad8cc1ba459d4339e8403','+447700900999','',1795275368247049,'acme','live','',NULL,NULL,X'01A1FEC026FB7000A376B2B2BC019700');
INSERT INTO "inbound" VALUES(X'01A1FEC0274D7000B0ACDE3D5ECB1000','alpha','+447700900888','+447700900999','STOP',1795275368269069,'acme','live','','STOP','stop',NULL);
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
INSERT INTO "inbound_parts" VALUES(1,'alpha','erased:c3ba24a2825ad8cc1ba459d4339e8403','+447700900999',NULL,1,1,'',NULL,1795275368247049,X'',1,1);
INSERT INTO "inbound_parts" VALUES(2,'alpha','+447700900888','+447700900999',NULL,1,1,'',NULL,1795275368269069,X'1B9C36F8D95CF9B26D25A789F40E871E',1,1);
INSERT INTO "inbound_parts" VALUES(3,'alpha','+447700900666','+447700900999',42,2,1,'The first half',NULL,1795275368317028,X'5A9D961563E3CC7220FF6BDB362B1A24',0,1);
CREATE TABLE keys (
    digest BLOB PRIMARY KEY,
    key_id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
INSERT INTO "keys" VALUES(X'544ECD499E7BE67E05E60D923C11D77C4641835D13EC5E2E52F74A6C7B649CB3','key_38e8aa940a19419e','acme','{"key_id":"key_38e8aa940a19419e","digest":"544ecd499e7be67e05e60d923c11d77c4641835d13ec5e2e52f74a6c7b649cb3","account":"acme","env":"live","scopes":["admin","read:messages"],"created_at":1795275350913264,"expires_at":null,"revoked_at":null,"allow_from":[],"member":"ann","sub_tenant":null}');
INSERT INTO "keys" VALUES(X'88F6DA15C650D96DC4C79B1AB184F5894C6F41F2FC499930B8B7236AC6E1455A','key_75b63f6573746447','acme','{"key_id":"key_75b63f6573746447","digest":"88f6da15c650d96dc4c79b1ab184f5894c6f41f2fc499930b8b7236ac6e1455a","account":"acme","env":"test","scopes":["read:messages","send:sms"],"created_at":1795275343251499,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'897ACC1A97E784CEEE282E052E876AC3FBF6E56F42E089FD2521B4CA2C991541','key_4afcc2ef8b02aa04','acme','{"key_id":"key_4afcc2ef8b02aa04","digest":"897acc1a97e784ceee282e052e876ac3fbf6e56f42e089fd2521b4ca2c991541","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795275340708704,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'89F19EE1BF111FC80E9662FB11CAA9BA8C26A241DDB7A92144FEA3B2218B18AE','key_7260b9a56e002158','acme','{"key_id":"key_7260b9a56e002158","digest":"89f19ee1bf111fc80e9662fb11caa9ba8c26a241ddb7a92144fea3b2218b18ae","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795275348497077,"expires_at":null,"revoked_at":1795275354587867,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'B022FBCFD3A236E9D8858B11CBF92E85EC17BE5029C1CABAC4E0ED77037B24C6','key_af1c44239920326d','other','{"key_id":"key_af1c44239920326d","digest":"b022fbcfd3a236e9d8858b11cbf92e85ec17be5029c1cabac4e0ed77037b24c6","account":"other","env":"live","scopes":["read:messages","send:sms"],"created_at":1795275345983663,"expires_at":null,"revoked_at":null,"allow_from":["127.0.0.0/8"],"member":null,"sub_tenant":null}');
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
INSERT INTO "messages" VALUES(1,X'01A1FEC025387000AEB5570304FD6100','acme','live','+447700900999','+447700901100','',1,1795275367736222,1795534567736222,'["orchestrator","This one is delivered",1,null,0,null,"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","key_4afcc2ef8b02aa04","req_01M7ZC099QG179Y1DAFBRND88Q",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795275367747802,0,'[null,"all",1,1,[],1,1,false,1,1795275367740532,null,2,[[1,1,"alpha",3,"0000000001",null,1795275367740532,1795275367747802,null,null]]]');
INSERT INTO "messages" VALUES(2,X'01A1FEC025CD7000A1E9C082217F3200','acme','live','+447700900999','+447700901101','',1,1795275367885352,1795534567885352,'["orchestrator","This one is undelivered",1,null,0,null,"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","key_4afcc2ef8b02aa04","req_01M7ZC09ED8SFGP3DXKJJ3ACZW",null,null,false,null,null]','failed','alpha',NULL,NULL,1795275367928944,0,'["carrier_error","all",1,1,[],1,1,false,1,1795275367888390,["carrier_error","receipt: UNDELIV err:001","UNDELIV err:001",1795275367928944],2,[[1,1,"alpha",5,"0000000002","UNDELIV err:001",1795275367888390,1795275367928944,null,null]]]');
INSERT INTO "messages" VALUES(3,X'01A1FEC0261B7000B8D4573880739B00','acme','live','+447700900999','+447700901102','',1,1795275367963720,1795534567963720,'["orchestrator","This one is refused",1,null,0,null,"{\"order\":\"refused\",\"name\":\"Zoë 👋\"}","key_4afcc2ef8b02aa04","req_01M7ZC09GVMW4M8GH4JG6EATBC",null,null,false,null,null]','undeliverable','alpha',NULL,NULL,1795275367967203,0,'["invalid_number","all",1,1,[],1,1,false,1,1795275367967203,["invalid_number","refused by alpha: ESME_RINVDSTADR","ESME_RINVDSTADR",1795275367967203],1,[[1,1,"alpha",6,null,"ESME_RINVDSTADR",1795275367967203,null,null,null]]]');
INSERT INTO "messages" VALUES(4,X'01A1FEC0263E7000A8BF848D3BDA7F00','acme','live','+447700900999','+447700901103','',1,1795275367998609,1795534567998609,'["orchestrator","This one is second",1,null,0,null,"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","key_4afcc2ef8b02aa04","req_01M7ZC09HYE0943KNZ1K3FJ0M3",null,null,false,null,null]','delivered','beta',NULL,NULL,1795275368025560,0,'[null,"all",2,1,["alpha"],2,1,false,1,1795275368002462,["carrier_error","ESME_RINVMSGLEN","ESME_RINVMSGLEN",1795275368002462],2,[[2,1,"beta",3,"0000005000",null,1795275368018123,1795275368025560,null,null]]]');
INSERT INTO "messages" VALUES(5,X'01A1FEC0267D700096A0ACAE3E41E800','acme','live','+447700900999','+447700901200','',1,1795275368061371,1795534568061371,'["orchestrator","All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. ",2,null,10211,null,null,"key_4afcc2ef8b02aa04","req_01M7ZC09KXQCPN7ZK8D9CMEVYZ",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795275368071329,0,'[null,"all",1,1,[],1,2,false,1,1795275368064757,null,2,[[1,1,"alpha",3,"0000000003",null,1795275368064757,1795275368070039,null,null],[1,2,"alpha",3,"0000000004",null,1795275368065742,1795275368071329,null,null]]]');
INSERT INTO "messages" VALUES(6,X'01A1FEC026F77000A3B0FAE95DEC9700','acme','test','+447700900999','+447700901300','',1,1795275368183945,1795534568183945,'["orchestrator","Your code is 123456",1,null,0,null,null,"key_75b63f6573746447","req_01M7ZC09QQZ46WHSYVD7JA9B7Q",null,null,false,null,null]','delivered','simulated',NULL,NULL,1795275368685802,0,'[null,"test",1,1,[],1,1,false,1,1795275368185894,null,2,[[1,1,"simulated",3,"sim-01a1fec0-26f9-7000-96b3-61c8a2fa1400",null,1795275368185894,1795275368685802,null,null]]]');
INSERT INTO "messages" VALUES(7,X'01A1FEC026FB7000A376B2B2BC019700','acme','live','+447700900999','erased:c3ba24a2825ad8cc1ba459d4339e8403','',1,1795275368187347,1795534568187347,'["orchestrator","",1,null,0,null,null,"key_4afcc2ef8b02aa04","req_01M7ZC09QVW9NCPMHKMJSQG30H",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795275368232845,0,'[null,"all",1,1,[],1,1,false,1,1795275368190623,null,2,[[1,1,"alpha",3,"0000000005",null,1795275368190623,1795275368232845,null,null]]]');
INSERT INTO "messages" VALUES(8,X'01A1FEC0274D70029863828DE2B5AA00','acme','live','+447700900999','+447700900888','',0,1795275368269841,1795361768269841,'["orchestrator","You are unsubscribed and will get no more messages. Reply START to resubscribe.",1,null,0,null,null,"reply","",null,null,true,null,null]','delivered','alpha',NULL,NULL,1795275368316784,0,'[null,"reply",1,1,[],1,1,false,1,1795275368274573,null,0,[[1,1,"alpha",3,"0000000006",null,1795275368274573,1795275368316784,null,null]]]');
INSERT INTO "messages" VALUES(9,X'01A1FEC033507000A1647FEA83796300','acme','live','+447700900999','+447700901400','',1,1795275371344818,1795534571344818,'["orchestrator","This one is given_up",1,null,0,"http://127.0.0.1:16663/gone",null,"key_4afcc2ef8b02aa04","req_01M7ZC0CTDDSQP1G8H1QSMBS6G",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795275371404756,0,'[null,"all",1,1,[],1,1,false,1,1795275371361185,null,2,[[1,1,"alpha",3,"0000000007",null,1795275371361185,1795275371404756,null,null]]]');
INSERT INTO "messages" VALUES(10,X'01A1FEC03CA27000BDFB5D4DC1FD2600','acme','live','+447700900999','+447700901500','',1,1795275373730296,1795534573730296,'["orchestrator","This one is tried_again",1,null,0,"http://127.0.0.1:16664/hooks",null,"key_4afcc2ef8b02aa04","req_01M7ZC0F52BT8Z7JWBDQG9JTBJ",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795275373785007,0,'[null,"all",1,1,[],1,1,false,1,1795275373744292,null,2,[[1,1,"alpha",3,"0000000008",null,1795275373744292,1795275373785007,null,null]]]');
INSERT INTO "messages" VALUES(11,X'01A1FEC03CE670008C6CA62BB39E3D00','acme','live','+447700900999','+447700901600','',1,1795275373798202,1795534573798202,'["orchestrator","This one is under_way",1,null,0,null,null,"key_4afcc2ef8b02aa04","req_01M7ZC0F758E03RYMVF97QYR78",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795275373844729,0,'[null,"all",1,1,[],1,1,false,1,1795275373801536,null,2,[[1,1,"alpha",3,"0000000009",null,1795275373801536,1795275373844729,null,null]]]');
INSERT INTO "messages" VALUES(12,X'01A1FEC050AF70009A58713CDFB17900','acme','live','+447700900999','+4917009017','',1,1795275378863434,1795534578863434,'["orchestrator","This one is waiting",1,null,0,null,null,"key_4afcc2ef8b02aa04","req_01M7ZC0M5EXER05HXR6H931M1V",null,null,false,null,null]','queued','gamma',NULL,1795275378863434,NULL,0,'[null,"de",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                   ');
INSERT INTO "messages" VALUES(13,X'01A1FEC050B17000883457725A096700','acme','live','+447700900999','+447700901700','',1,1795275378865870,1795534578865870,'["orchestrator","This one is sent",1,null,0,null,null,"key_4afcc2ef8b02aa04","req_01M7ZC0M5HGW7DNCQQ3GXQ6JTJ",null,null,false,null,null]','sent','alpha',NULL,NULL,NULL,0,'[null,"all",1,1,[],1,1,false,1,1795275378867839,null,1,[[1,1,"alpha",2,"0000000010",null,1795275378867839,null,null,null]]]                                     ');
INSERT INTO "messages" VALUES(14,X'01A1FEC050CB700086DE8501E22AC900','acme','live','+447700900999','+447700901800','',1,1795275378891335,1795534578891335,'["orchestrator","This one is in_doubt",1,null,0,null,null,"key_4afcc2ef8b02aa04","req_01M7ZC0M6BQ7ZR336FX9R04AD2",null,null,false,null,null]','queued','alpha',NULL,1795275678941514,NULL,1,'[null,"all",1,1,[],1,1,true,1,null,null,0,[[1,1,"alpha",1,null,"the link was lost before the answer",1795275378941514,null,null,null]]]                         ');
INSERT INTO "messages" VALUES(15,X'01A1FEC05B3270008B06AB6B059BD500','acme','live','+447700900999','+447700901900','',1,1795275381554090,1795534581554090,'["orchestrator","This one is in_hand",1,null,0,null,null,"key_4afcc2ef8b02aa04","req_01M7ZC0PSHKNZT2EVMMHDCP0A7",null,null,false,null,null]','queued','alpha',1,NULL,NULL,0,'[null,"all",1,1,[],1,1,false,1,null,null,0,[]]                                                                                                                  ');
INSERT INTO "messages" VALUES(16,X'01A1FEC05BD1700097196A98693B5300','acme','live','+447700900999','+447700902000','',1,1795275381713867,1795534581713867,'["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795277181713867,false,null,null]','scheduled','alpha',NULL,1795277181713867,NULL,0,'[null,"all",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                  ');
INSERT INTO "messages" VALUES(17,X'01A1FEC05BD1700196EAA20320563B00','acme','live','+447700900999','+447700902000','',1,1795275381713867,1795534581713867,'["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795277181713867,false,null,null]','canceled','alpha',NULL,NULL,1795275381713867,0,'[null,"all",0,0,[],1,0,false,0,null,null,0,[]]');
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
INSERT INTO "numbers" VALUES('+447700900999','','acme','live',1795275358086585);
INSERT INTO "numbers" VALUES('60777','win','other','live',1795275360661243);
CREATE TABLE operator_states (
    operator TEXT NOT NULL,
    process INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    binds TEXT NOT NULL,      -- JSON
    waiting INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    PRIMARY KEY (operator, process)
) WITHOUT ROWID;
INSERT INTO "operator_states" VALUES('alpha',1,1795275379813964,'up','[{"bind":0,"state":"bound","since":"2026-11-21T15:36:19+00:00","window_used":0,"window":100,"last_error":"closed by the peer","message_ids":"as_is","reconnect_at":null}]',0,0);
INSERT INTO "operator_states" VALUES('beta',1,1795275379813964,'up','[{"bind":0,"state":"bound","since":"2026-11-21T15:36:07+00:00","window_used":0,"window":100,"last_error":null,"message_ids":"any","reconnect_at":null}]',0,0);
INSERT INTO "operator_states" VALUES('gamma',1,1795275379813964,'down','[{"bind":0,"state":"waiting","since":"2026-11-21T15:36:19+00:00","window_used":0,"window":100,"last_error":"ConnectionRefusedError: [Errno 111] Connection refused","message_ids":"any","reconnect_at":"2026-11-21T15:36:20+00:00"}]',0,0);
INSERT INTO "operator_states" VALUES('simulated',1,1795275379813964,'up','[]',0,0);
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
INSERT INTO "parts" VALUES(X'01A1FEC0263E7000A8BF848D3BDA7F00',1,1,'alpha',6,NULL,'ESME_RINVMSGLEN',1795275368002462,NULL,'+447700900999','+447700901103');
CREATE TABLE processes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    token INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL
);
INSERT INTO "processes" VALUES(1,1,'c4e87097-d876-4b9b-8e1a-43fcc6f5b56c',12123,1795275367367050);
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
INSERT INTO "recipients" VALUES('erased:c3ba24a2825ad8cc1ba459d4339e8403','+447700900999',7);
CREATE TABLE schema_migrations (
    name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID
;
INSERT INTO "schema_migrations" VALUES('0001_pre_begin','cab319ffed1f060b29f1b6008027fae724cf81ff5722215909b6583bfa486ed0','2026-11-21 15:35:31');
INSERT INTO "schema_migrations" VALUES('0002_pre_erasure','9e14b93f758a1055a7b7164b72b2784851e5966be8690d7e992598250a92e624','2026-11-21 15:35:31');
CREATE TABLE suppressions (
    number TEXT NOT NULL,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (number, account, env, sub_tenant)
) WITHOUT ROWID;
INSERT INTO "suppressions" VALUES('+447700900888','acme','live','','stop',1795275368269841);
INSERT INTO "suppressions" VALUES('+447700900999','acme','live','','manual',1795275363782152);
INSERT INTO "suppressions" VALUES('+447700901102','acme','live','','invalid_number',1795275367967203);
INSERT INTO "suppressions" VALUES('erased:c3ba24a2825ad8cc1ba459d4339e8403','acme','live','','erased',1795275370605177);
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
INSERT INTO "webhooks" VALUES(X'01A1FEC0253C7000BE1D6ECC72F03400',X'01A1FEC025387000AEB5570304FD6100',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","sent",1795275367740532,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-2538-7000-aeb5-570304fd6100","status":"sent","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795275367740532,1,NULL,1795275367750384,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC025437000B2CA2BCC23BB8300',X'01A1FEC025387000AEB5570304FD6100',2,'acme','acme http://127.0.0.1:16663','["live","orchestrator","delivered",1795275367747802,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-2538-7000-aeb5-570304fd6100","status":"delivered","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795275367747802,1,NULL,1795275367862439,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC025D07000AB6B1A4BE2F88F00',X'01A1FEC025CD7000A1E9C082217F3200',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","sent",1795275367888390,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-25cd-7000-a1e9-c082217f3200","status":"sent","reason":null,"recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795275367888390,1,NULL,1795275367897176,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC025F87000850CBD93DB19C800',X'01A1FEC025CD7000A1E9C082217F3200',2,'acme','acme http://127.0.0.1:16663','["live","orchestrator","failed",1795275367928944,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-25cd-7000-a1e9-c082217f3200","status":"failed","reason":"carrier_error","recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","operator_error":"UNDELIV err:001"}]',2,NULL,1795275367928944,1,NULL,1795275367935109,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC0261F7000BE2DC8A28D408D00',X'01A1FEC0261B7000B8D4573880739B00',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","undeliverable",1795275367967203,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-261b-7000-b8d4-573880739b00","status":"undeliverable","reason":"invalid_number","recipient":"+447700901102","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"refused\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVDSTADR"}]',2,NULL,1795275367967203,1,NULL,1795275367970056,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC026527000A6F03E5F96980F00',X'01A1FEC0263E7000A8BF848D3BDA7F00',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","sent",1795275368018123,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-263e-7000-a8bf-848d3bda7f00","status":"sent","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVMSGLEN"}]',2,NULL,1795275368018123,1,NULL,1795275368023061,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC0265970008E1A562C0A250E00',X'01A1FEC0263E7000A8BF848D3BDA7F00',2,'acme','acme http://127.0.0.1:16663','["live","orchestrator","delivered",1795275368025560,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-263e-7000-a8bf-848d3bda7f00","status":"delivered","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVMSGLEN"}]',2,NULL,1795275368025560,1,NULL,1795275368037566,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC026817000B432AC0B894E0100',X'01A1FEC0267D700096A0ACAE3E41E800',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","sent",1795275368065742,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-267d-7000-96a0-acae3e41e800","status":"sent","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795275368065742,1,NULL,1795275368073479,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC026877000A6C9AE427F54F400',X'01A1FEC0267D700096A0ACAE3E41E800',2,'acme','acme http://127.0.0.1:16663','["live","orchestrator","delivered",1795275368071329,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-267d-7000-96a0-acae3e41e800","status":"delivered","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795275368071329,1,NULL,1795275368176277,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC026F97001ADFFE07F21C37900',X'01A1FEC026F77000A3B0FAE95DEC9700',1,'acme','acme http://127.0.0.1:16663','["test","orchestrator","sent",1795275368185894,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-26f7-7000-a3b0-fae95dec9700","status":"sent","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795275368185894,1,NULL,1795275368187607,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC026FE7000B3EE0149CA3E8500',X'01A1FEC026FB7000A376B2B2BC019700',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","sent",1795275368190623,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-26fb-7000-a376-b2b2bc019700","status":"sent","reason":null,"recipient":"erased:c3ba24a2825ad8cc1ba459d4339e8403","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795275368190623,1,NULL,1795275368195651,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC027287000A5EC096D79912600',X'01A1FEC026FB7000A376B2B2BC019700',2,'acme','acme http://127.0.0.1:16663','["live","orchestrator","delivered",1795275368232845,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-26fb-7000-a376-b2b2bc019700","status":"delivered","reason":null,"recipient":"erased:c3ba24a2825ad8cc1ba459d4339e8403","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795275368232845,1,NULL,1795275368241172,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC0273870019A65082E10211500',X'01A1FEC027387000BF49BEA0975A8A00',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","inbound",1795275368248580,"http://127.0.0.1:16663/hooks",{"inbound_id":"01a1fec0-2738-7000-bf49-bea0975a8a00","sender":"erased:c3ba24a2825ad8cc1ba459d4339e8403","recipient":"+447700900999","body":"","keyword":null,"action":null,"operator":"alpha","reply_to":"01a1fec0-26fb-7000-a376-b2b2bc019700","metadata":null}]',2,NULL,1795275368248580,1,NULL,1795275368250203,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC0274D70019E9113B05BC99600',X'01A1FEC0274D7000B0ACDE3D5ECB1000',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","inbound",1795275368269841,"http://127.0.0.1:16663/hooks",{"inbound_id":"01a1fec0-274d-7000-b0ac-de3d5ecb1000","sender":"+447700900888","recipient":"+447700900999","body":"STOP","keyword":"STOP","action":"stop","operator":"alpha","reply_to":null,"metadata":null}]',2,NULL,1795275368269841,1,NULL,1795275368272120,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC028ED7000BB3E5793967BA700',X'01A1FEC026F77000A3B0FAE95DEC9700',2,'acme','acme http://127.0.0.1:16663','["test","orchestrator","delivered",1795275368685802,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-26f7-7000-a3b0-fae95dec9700","status":"delivered","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795275368685802,1,NULL,1795275368703332,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC033617000B3F3DCE7C8AE1400',X'01A1FEC033507000A1647FEA83796300',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","sent",1795275371361185,"http://127.0.0.1:16663/gone",{"message_id":"01a1fec0-3350-7000-a164-7fea83796300","status":"sent","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',3,NULL,1795275371361185,1,X'7B226964223A2230316131666563302D333336312D373030302D623366332D646365376338616531343030222C2274797065223A226D6573736167652E73656E74222C226F636375727265644174223A22323032362D31312D32315431353A33363A31312E3336315A222C2264617461223A7B226D6573736167654964223A2230316131666563302D333335302D373030302D613136342D376665613833373936333030222C22737461747573223A2253454E54222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031343030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',1795275371382321,'410: ');
INSERT INTO "webhooks" VALUES(X'01A1FEC0338C7000867D42AB2A54A500',X'01A1FEC033507000A1647FEA83796300',2,'acme','acme http://127.0.0.1:16663','["live","orchestrator","delivered",1795275371404756,"http://127.0.0.1:16663/gone",{"message_id":"01a1fec0-3350-7000-a164-7fea83796300","status":"delivered","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',3,NULL,1795275371404756,1,X'7B226964223A2230316131666563302D333338632D373030302D383637642D343261623261353461353030222C2274797065223A226D6573736167652E64656C697665726564222C226F636375727265644174223A22323032362D31312D32315431353A33363A31312E3430345A222C2264617461223A7B226D6573736167654964223A2230316131666563302D333335302D373030302D613136342D376665613833373936333030222C22737461747573223A2244454C495645524544222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031343030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',1795275371408594,'410: ');
INSERT INTO "webhooks" VALUES(X'01A1FEC03CB07000B399EEBD14CF9500',X'01A1FEC03CA27000BDFB5D4DC1FD2600',1,'acme','acme http://127.0.0.1:16664','["live","orchestrator","sent",1795275373744292,"http://127.0.0.1:16664/hooks",{"message_id":"01a1fec0-3ca2-7000-bdfb-5d4dc1fd2600","status":"sent","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795275408805072,2,X'7B226964223A2230316131666563302D336362302D373030302D623339392D656562643134636639353030222C2274797065223A226D6573736167652E73656E74222C226F636375727265644174223A22323032362D31312D32315431353A33363A31332E3734345A222C2264617461223A7B226D6573736167654964223A2230316131666563302D336361322D373030302D626466622D356434646331666432363030222C22737461747573223A2253454E54222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031353030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',NULL,'no connection to http://127.0.0.1:16664: Connection refused');
INSERT INTO "webhooks" VALUES(X'01A1FEC03CD97000A6A5BDAA553BBE00',X'01A1FEC03CA27000BDFB5D4DC1FD2600',2,'acme','acme http://127.0.0.1:16664','["live","orchestrator","delivered",1795275373785007,"http://127.0.0.1:16664/hooks",{"message_id":"01a1fec0-3ca2-7000-bdfb-5d4dc1fd2600","status":"delivered","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795275408805072,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC03CE97000816785FE102D8A00',X'01A1FEC03CE670008C6CA62BB39E3D00',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","sent",1795275373801536,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-3ce6-7000-8c6c-a62bb39e3d00","status":"sent","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',1,1,1795275373801536,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC03D147000B5030D3E9A7D8300',X'01A1FEC03CE670008C6CA62BB39E3D00',2,'acme','acme http://127.0.0.1:16663','["live","orchestrator","delivered",1795275373844729,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-3ce6-7000-8c6c-a62bb39e3d00","status":"delivered","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795275373844729,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEC050B3700094DE849DA0931900',X'01A1FEC050B17000883457725A096700',1,'acme','acme http://127.0.0.1:16663','["live","orchestrator","sent",1795275378867839,"http://127.0.0.1:16663/hooks",{"message_id":"01a1fec0-50b1-7000-8834-57725a096700","status":"sent","reason":null,"recipient":"+447700901700","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',1,1,1795275378867839,0,NULL,NULL,NULL);
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
