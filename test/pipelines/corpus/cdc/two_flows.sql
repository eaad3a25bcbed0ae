CREATE OR REFRESH STREAMING TABLE accounts TBLPROPERTIES ('quality' = 'silver');
CREATE FLOW from_core AS AUTO CDC INTO accounts FROM STREAM(bank.core.account_feed) KEYS (iban) SEQUENCE BY lsn;
CREATE FLOW from_card AS AUTO CDC ONCE INTO accounts FROM bank.card.accounts KEYS (iban) SEQUENCE BY lsn;
