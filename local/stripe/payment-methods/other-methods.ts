/** What else a payment method can be made of at Stripe, as parameters of its creation. */
export const OTHER_METHODS: readonly string[] = `
  acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact
  billie bizum blik boleto cashapp crypto custom customer customer_balance eps fpx giropay
  grabpay ideal interac_present kakao_pay klarna konbini kr_card link mb_way mobilepay multibanco
  naver_pay nz_bank_account oxxo p24 pay_by_bank payco payment_method paynow paypal paypay payto
  pix promptpay radar_options revolut_pay samsung_pay satispay scalapay sepa_debit sequra sofort
  sunbit swish twint upi wechat_pay zip
`
  .trim()
  .split(/\s+/);
